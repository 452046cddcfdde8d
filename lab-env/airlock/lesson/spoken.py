"""What a cell answers, read out by a screen reader as soon as it is there.

A reader speaks of a message when the region it comes into was on the page before it (WAI's technique ARIA22). A cell's
output comes with its place, and `role="alert"` in it would be read again at every opening of the notebook. So the page
gets one region of its own, and the text of the answer is put into it: politely, since the learner is waiting for it.
For a cell's output the script is in what the answer replaces, so no saved notebook holds it; a card brings its own
(`airlock.lesson.interactive`).
"""

from __future__ import annotations

from airlock.lesson.show import Slot

# JavaScript: puts text into the page's region, which it makes. The region needs a moment to be known, and has to change
# even if the same is said twice.
_SPEAK = """(() => {
  const region = document.getElementById('airlock-says') ?? document.createElement('div');
  if (!region.isConnected) {
    region.id = 'airlock-says';
    region.setAttribute('role', 'status');
    region.style.cssText = 'position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)';
    document.body.append(region);
  }
  return find => {
    region.textContent = '';
    setTimeout(() => { region.textContent = find().innerText; }, 200);
  };
})()"""

_SAY = f"""<script>(place => {{
  const say = {_SPEAK};
  new MutationObserver((_, once) => {{
    once.disconnect();
    say(() => place);
  }}).observe(place, {{childList: true}});
}})(document.currentScript.parentElement)</script>"""

SAID = 'class="airlock-said"'
"""Attribute of HTML on a card that is spoken when it comes: with a button pressed, not with the page."""

SAY_OF_CARD = f"""{{
    const say = {_SPEAK}, said = '.airlock-said';
    new MutationObserver(changes => {{
      const come = changes.flatMap(change => [...change.addedNodes]).filter(node => node.nodeType === 1);
      const found = come.flatMap(node => node.matches(said) ? [node] : [...node.querySelectorAll(said)]);
      if (found.length) say(() => found.at(-1));
    }}).observe(card, {{childList: true, subtree: true}});
  }}"""


def slot(waiting: str = "") -> Slot:
    """A place on the page whose content, once replaced, is spoken as it reads.

    Args:
        waiting: HTML to show until then.
    """
    return Slot(f"{waiting}{_SAY}")
