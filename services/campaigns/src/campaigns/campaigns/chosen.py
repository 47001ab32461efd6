"""What changes of a campaign and of a code choose alike: a category, and validation rules."""

from campaigns.api.body import Assigned, Body
from campaigns.api.fields import Name
from campaigns.campaigns.choices import CategoryChoice
from campaigns.rules.bodies import RuleIds


class ChoiceChanges(Body):
    """What is absent stays; null chooses none."""

    category: Name | None = None
    category_id: Name | None = None
    validation_rules: RuleIds | None = None
    validation_rules_assignments: Assigned = None

    def rule_choice(self) -> list[str] | None:
        """Return the rules that are to hold, none for null, or None for none sent."""
        if "validation_rules" not in self.model_fields_set:
            return None
        return self.validation_rules or []

    def category_choice(self) -> CategoryChoice | None:
        """Return the category that was sent, an empty one for null, or None for none sent."""
        if not self.model_fields_set & {"category", "category_id"}:
            return None
        return CategoryChoice(self.category_id, self.category)
