"""Metadata, as Voucherify's PUT changes them."""

from campaigns import model
from campaigns.api.body import Body
from campaigns.api.fields import Metadata, metadata
from campaigns.refusals import InvalidError


class MetadataChanges(Body):
    """What is not named stays; null empties, as everywhere."""

    metadata: Metadata | None = None
    unset_metadata_fields: list[str] | None = None

    def merged_metadata(self, current: model.Metadata) -> model.Metadata:
        if "metadata" in self.model_fields_set and self.metadata is None:
            return {}
        gone = set(self.unset_metadata_fields or ())
        changed = current | (self.metadata or {})
        kept = {name: value for name, value in changed.items() if name not in gone}
        try:
            return metadata(kept)
        except ValueError as error:  # grown too large, by what was there before
            raise InvalidError(f"Property .metadata: {error}", "unset some of them") from error
