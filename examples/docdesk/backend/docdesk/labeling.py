"""Label Studio: one project for the desk, one task per page."""

from __future__ import annotations

import logging
from typing import Any

from docdesk.models import Document, Page
from docdesk.settings import Settings

log = logging.getLogger(__name__)

LABEL_CONFIG = """
<View>
  <Image name="image" value="$image"/>
  <RectangleLabels name="region" toName="image">
    <Label value="Heading"/>
    <Label value="Table"/>
    <Label value="Signature"/>
  </RectangleLabels>
  <TextArea name="text" toName="image" value="$text" editable="true"/>
</View>
"""


class LabelStudioExporter:
    """Pushes pages to Label Studio and fetches what the annotators made of them."""

    def __init__(self, settings: Settings) -> None:
        from label_studio_sdk import LabelStudio

        self.title = settings.label_project
        self.public_url = settings.public_url
        self.client = LabelStudio(base_url=settings.label_studio_url, api_key=settings.label_studio_api_key)

    def project_id(self) -> int:
        """The project of the desk, created the first time somebody asks for it."""
        for project in self.client.projects.list():
            if project.title == self.title:
                return project.id
        created = self.client.projects.create(title=self.title, label_config=LABEL_CONFIG)
        log.info("created label studio project %s", created.id)
        return created.id

    def push(self, project_id: int, document: Document, pages: list[Page]) -> int:
        """Import the pages of a document as tasks; returns how many Label Studio took."""
        tasks = [{"data": self.task_data(document, page)} for page in pages]
        answer = self.client.projects.import_tasks(id=project_id, request=tasks, return_task_ids=True)
        return answer.task_count

    def task_data(self, document: Document, page: Page) -> dict[str, Any]:
        return {
            "image": f"{self.public_url}/documents/{document.id}/pages/{page.number}/image",
            "text": page.text,
            "document_id": document.id,
            "page": page.number,
            "filename": document.filename,
        }

    def annotated_tasks(self, project_id: int) -> list[Any]:
        """Every task of the project somebody has worked on."""
        return [task for task in self.client.tasks.list(project=project_id, fields="all") if task.annotations]
