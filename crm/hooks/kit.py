"""What the kit, the notes, the tasks and the documents answer to the ground."""

from crm.actions.reminders import remind_tasks
from essaim import hooks

hooks.daily.register(remind_tasks)
