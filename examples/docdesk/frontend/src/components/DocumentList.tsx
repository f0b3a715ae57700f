import { useDesk } from "../store";
import type { DeskDocument } from "../types";

function Row({ entry }: { entry: DeskDocument }) {
  const progress = useDesk((state) => state.progress[entry.id]);
  const select = useDesk((state) => state.select);
  const exportDocument = useDesk((state) => state.exportDocument);
  const running = entry.status === "queued" || entry.status === "processing";

  return (
    <tr>
      <td>
        <button onClick={() => void select(entry.id)}>{entry.filename}</button>
      </td>
      <td>{entry.status}</td>
      <td>{running && progress ? <progress max={100} value={progress.percent} /> : entry.page_count}</td>
      <td>
        <button disabled={entry.status !== "ready"} onClick={() => void exportDocument(entry.id)}>
          Send to Label Studio
        </button>
      </td>
    </tr>
  );
}

export function DocumentList() {
  const documents = useDesk((state) => state.documents);
  if (documents.length === 0) return <p>Nothing on the desk yet.</p>;
  return (
    <table>
      <tbody>
        {documents.map((entry) => (
          <Row key={entry.id} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}
