"""Whether tasks come by mail moves to the person's own choices."""

from typing import Any

from django.db import migrations


def carry_over(apps: Any, _editor: Any) -> None:
    """Those who wanted no mail of their tasks still receive none."""
    for row in apps.get_model("crm.TaskMailing").objects.filter(is_on=False):
        user = apps.get_model("essaim.User").objects.get(pk=row.user_id)
        user.mails = {**user.mails, "tasks": "never"}
        user.save(update_fields=["mails"])


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0006_people_over_time"),
        ("essaim", "0009_a_persons_language_shortcuts_and_mails"),
    ]

    operations = [
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(model_name="taskmailing", name="is_on"),
    ]
