import { useDesk } from "./store";
import type { Progress } from "./types";

/** Listen to the desk for as long as the page is open. */
export function listen(): () => void {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/progress`);
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.type === "pong") return;
    void useDesk.getState().receive(message as Progress);
  };
  const heartbeat = setInterval(() => socket.send(JSON.stringify({ type: "ping" })), 20_000);
  return () => {
    clearInterval(heartbeat);
    socket.close();
  };
}
