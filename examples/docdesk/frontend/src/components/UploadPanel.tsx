import { useState } from "react";
import { useDesk } from "../store";

export function UploadPanel() {
  const upload = useDesk((state) => state.upload);
  const [busy, setBusy] = useState(false);

  async function pick(files: FileList | null) {
    if (!files) return;
    setBusy(true);
    await upload(files);
    setBusy(false);
  }

  return (
    <label>
      {busy ? "Uploading…" : "Add PDF files"}
      <input
        type="file"
        accept="application/pdf"
        multiple
        disabled={busy}
        onChange={(event) => void pick(event.target.files)}
      />
    </label>
  );
}
