// Which part of the conversation is in sight: an answer is shown from its first line.

const GAP = 12; // px above an answer's first line
const NEAR_END = 48; // px: nearer to the end than this, nobody is reading above

export class LogView {
  // newer: the button that leads to what arrived below while the courier was reading above
  constructor(log, newer) {
    this.log = log;
    this.newer = newer;
    this.unseen = null; // the first such bubble
    newer.addEventListener("click", () => {
      this.reveal(this.unseen);
      log.focus({ preventScroll: true });
    });
    log.addEventListener("scroll", () => this.isInSight(this.unseen) && this.showNewer(null), { passive: true });
  }

  isAtEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
  }

  isInSight(bubble) {
    return bubble && bubble.offsetTop - this.log.offsetTop + NEAR_END < this.log.scrollTop + this.log.clientHeight;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.showNewer(null);
  }

  // At once, never smoothly: a position that is measured during an animation is a wrong one.
  // What fits is shown whole, at the end of the log, with the question above it.
  reveal(bubble) {
    if (!bubble) return;
    this.log.scrollTop = bubble.offsetTop - this.log.offsetTop - GAP;
    this.showNewer(null);
  }

  // For what nobody asked for: follows only from the end. `wasAtEnd`: before the bubble was added.
  arrived(bubble, wasAtEnd) {
    if (wasAtEnd && !this.unseen) this.reveal(bubble);
    else this.showNewer(this.unseen || bubble);
  }

  // After the log has become smaller, as above a soft keyboard.
  settle() {
    const last = [...this.log.querySelectorAll("article")].pop();
    if (last?.classList.contains("theirs")) this.reveal(last);
    else this.toEnd();
  }

  showNewer(bubble) {
    this.unseen = bubble;
    this.newer.hidden = !bubble;
  }
}
