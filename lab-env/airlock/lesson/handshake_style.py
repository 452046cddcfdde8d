"""What the handshake stepper adds to the looks of the side-by-side viewer."""

from __future__ import annotations

from airlock.lesson.markup import ACCENT, INK, LINE, MUTED, SANS, SURFACE

STYLE = f"""<style>
.airlock-handshake .al-keys {{ width:auto; height:auto; margin:8px 0 0; overflow:visible; }}
.airlock-handshake .widget-hbox:has(> .al-keys) {{ column-gap:14px; }}
.airlock-handshake .al-keys label {{ width:auto; font-family:{SANS}; font-size:14px;
  font-weight:600; color:{INK}; overflow:visible; }}
.airlock-handshake .al-keys input {{ accent-color:{ACCENT}; }}
.airlock-handshake .al-known tr > :first-child {{ width:10em; }}
.airlock-handshake .al-opened {{ margin-top:8px; border:1px solid {LINE}; border-left:3px solid {ACCENT};
  border-radius:4px; padding:2px 8px 8px; }}
.airlock-handshake .al-fold {{ margin-top:6px; }}
.airlock-handshake .al-fold > summary {{ cursor:pointer; font-weight:600; padding:2px 4px; border-radius:3px; }}
.airlock-handshake .al-fold > summary:hover {{ background:{SURFACE}; }}
.airlock-handshake .al-fold > summary:focus-visible {{ outline:2px solid {ACCENT}; }}
.airlock-handshake .al-opened dl {{ display:grid; grid-template-columns:5.5em minmax(0, 1fr); gap:2px 8px;
  margin:4px 0 0; }}
.airlock-handshake .al-opened :is(dt,dd) {{ float:none; width:auto; margin:0; padding:0; overflow-wrap:anywhere; }}
.airlock-handshake .al-opened dt {{ color:{MUTED}; font-weight:600; }}
</style>"""
