export type Status = "uploaded" | "queued" | "processing" | "ready" | "exported" | "failed";

export interface DeskDocument {
  id: string;
  filename: string;
  size: number;
  status: Status;
  page_count: number;
  created_at: string;
}

export interface Page {
  document_id: string;
  number: number;
  text: string;
}

export interface Progress {
  document_id: string;
  stage: string;
  percent: number;
  message: string;
}

export interface ExportResult {
  document_id: string;
  project_id: number;
  tasks: number;
}
