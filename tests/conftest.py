import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put slow tests first: what is left at the end, for workers to share out, is then in small pieces."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
