/** How often a server that stops by itself is started again: after 1, 2, 4 and 8 seconds, then no more. */

/** Crashes older than this are forgotten. */
export const WINDOW_MS = 3 * 60_000;
/** With this many crashes within the window, it is the user's turn. */
export const LIMIT = 5;

/** Remembers crashes and says what to do after each. */
export class Restarts {
  private crashes: number[] = [];

  /** Counts a crash; returns the pause before the next start, or nothing when it is time to give up. */
  after(now: number): number | undefined {
    this.crashes = [...this.crashes.filter((time) => now - time < WINDOW_MS), now];
    if (this.crashes.length >= LIMIT) return undefined;
    return 1000 * 2 ** (this.crashes.length - 1);
  }

  /** Forgets all crashes, as when the user asks for a restart. */
  forget(): void {
    this.crashes = [];
  }
}
