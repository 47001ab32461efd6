"""How `pytest -n 2 --dist loadgroup` hands out the tests."""

from xdist.scheduler import LoadGroupScheduling


class GroupsAndFiles(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out groups whole, and files whole of what belongs to no group.

    Without it tests of no group would be dealt one by one, and each process would make every
    fixture of every file.
    """

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return scope.partition("::")[0]
