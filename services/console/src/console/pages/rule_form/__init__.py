"""A validation rule made and edited: conditions from menus, in groups."""
