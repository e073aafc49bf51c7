"""Documents: pages of ``docs/`` that are generated, so that they cannot differ from the code."""

from exporters.documents.definition_page import definition_page
from exporters.documents.event_page import event_page
from exporters.documents.kpi_page import kpi_page
from exporters.documents.setting_page import setting_page

__all__ = ["definition_page", "event_page", "kpi_page", "setting_page"]
