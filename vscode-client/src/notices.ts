/** Which messages are shown as notifications: `brownout.showNotifications`. All of them are in the log. */

/** From when on a message is shown. */
export type Importance = "off" | "onError" | "onWarning" | "always";

/** How much a message matters, as the protocol counts it: 1 is an error, 2 a warning, the rest is information. */
export type MessageType = 1 | 2 | 3 | 4 | 5;

const SHOWN_UP_TO: Readonly<Record<Importance, number>> = { off: 0, onError: 1, onWarning: 2, always: 5 };

/** Whether a message of this kind is shown. */
export function isShown(kind: MessageType, setting: Importance): boolean {
  return kind <= SHOWN_UP_TO[setting];
}
