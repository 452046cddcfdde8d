"""How the matrix looks, in JupyterLab's light and dark themes."""

from __future__ import annotations

from airlock.lesson.markup import ACCENT, INK, LINE, MONO, MUTED, SANS, SURFACE

# The word in a cell says everything; its tint only repeats it. A prediction is dashed, an observation is not.
STYLE = f"""<style>
.airlock-matrix {{ container-type:inline-size; font-family:{SANS}; color:{INK};
  --al-read:var(--jp-error-color1, #c62828); --al-safe:var(--jp-success-color1, #2e7d32);
  --al-refused:var(--jp-warn-color1, #b26a00); }}
.airlock-matrix .al-bridge {{ display:none; }}
.airlock-matrix .al-live {{ position:absolute; width:1px; height:1px; overflow:hidden; clip-path:inset(50%); }}
.airlock-matrix small {{ color:{MUTED}; font-size:12px; font-weight:400; }}
.airlock-matrix .al-words {{ display:flex; flex-wrap:wrap; gap:2px 18px; margin:6px 0 4px; font-size:13px; }}
.airlock-matrix .al-words b {{ padding:0 6px; border-radius:3px; font-weight:600; }}
.airlock-matrix [data-tone=read] {{ --al-tone:var(--al-read); }}
.airlock-matrix [data-tone=safe] {{ --al-tone:var(--al-safe); }}
.airlock-matrix [data-tone=refused] {{ --al-tone:var(--al-refused); }}
.airlock-matrix .al-words b, .airlock-matrix [data-run=True] {{
  background:color-mix(in srgb, var(--al-tone) 20%, transparent) !important; }}

.airlock-matrix > .widget-html, .airlock-matrix > .widget-html > .widget-html-content {{ min-width:0; max-width:100%; }}
.airlock-matrix .al-scroll {{ overflow-x:auto; margin:8px 0 0; padding:3px; }}
.airlock-matrix table {{ border-collapse:separate; border-spacing:2px; margin:0; font-size:13px; }}
.airlock-matrix [role=grid] {{ width:100%; table-layout:fixed; }}
.airlock-matrix tr {{ background:none !important; }}
.airlock-matrix :is(th,td) {{ border:none; color:{INK}; text-align:left; vertical-align:middle; line-height:1.3; }}
.airlock-matrix [role=grid] th {{ padding:2px 0; font-weight:600; font-size:12px; white-space:normal;
  overflow-wrap:normal; }}
.airlock-matrix [role=grid] thead th {{ color:{MUTED}; vertical-align:bottom; text-align:center; }}
.airlock-matrix [role=grid] thead th:first-child {{ width:8.2em; text-align:left; }}
.airlock-matrix [role=grid] tbody th {{ position:sticky; left:0;
  background:var(--jp-layout-color0, Canvas); font-family:{MONO}; font-size:12px; }}
.airlock-matrix [role=gridcell] {{ height:33px; padding:1px 2px; text-align:center; cursor:default; border-radius:4px;
  background:{SURFACE}; border:1px solid {LINE}; }}
.airlock-matrix [role=gridcell][data-open] {{ cursor:pointer; }}
.airlock-matrix [role=gridcell] b {{ display:block; font-weight:600; }}
.airlock-matrix [role=gridcell][data-tone=''] b {{ color:{MUTED}; font-weight:400; }}
.airlock-matrix [role=gridcell]:not([data-tone='']) {{ border-color:var(--al-tone); }}
.airlock-matrix [role=gridcell][data-run=False]:not([data-tone='']) {{ border-style:dashed; }}
.airlock-matrix [role=gridcell] small {{ display:block; color:{INK}; font-size:11px; white-space:nowrap; }}
.airlock-matrix [role=gridcell][data-agrees=False]:not([data-tone='']) {{ border:2px solid {INK}; }}
.airlock-matrix [data-run=True][data-old] {{ opacity:0.4; }}
.airlock-matrix [role=gridcell][aria-selected=true] {{
  box-shadow:0 0 0 2px color-mix(in srgb, {ACCENT} 60%, transparent); }}
.airlock-matrix [role=gridcell]:focus {{ outline:none; }}
.airlock-matrix [role=gridcell]:focus-visible {{ outline:3px solid {ACCENT}; outline-offset:1px; }}
.airlock-matrix [role=gridcell]:hover {{ box-shadow:0 0 0 2px {ACCENT}; }}

.airlock-matrix .al-run > .widget-html {{ width:auto !important; margin:8px 12px 0 0 !important; font-size:13px; }}
.airlock-matrix progress {{ width:160px; vertical-align:middle; accent-color:{ACCENT}; }}
.airlock-matrix .al-table {{ margin-top:10px; font-size:13px; }}
.airlock-matrix .al-table textarea {{ display:block; box-sizing:border-box; width:100%; margin-top:4px; padding:6px 8px;
  font:12px/1.5 {MONO}; color:{INK}; background:{SURFACE}; border:1px solid {LINE}; border-radius:4px; resize:none; }}
.airlock-matrix .al-table textarea:focus-visible {{ outline:2px solid {ACCENT}; }}
.airlock-matrix .al-detail {{ margin-top:6px; padding-top:8px; border-top:2px solid {LINE}; font-size:13px;
  min-height:9em; }}
.airlock-matrix .al-detail code {{ font:12px/1.5 {MONO}; white-space:pre-wrap; background:{SURFACE}; color:{INK};
  padding:1px 4px; border-radius:3px; }}
.airlock-matrix mark {{ background:none; color:{INK}; font-weight:700; text-decoration:underline; }}
.airlock-matrix .al-reasons summary {{ margin-top:8px; cursor:pointer; font-size:13px; font-weight:600; }}
.airlock-matrix .al-reasons summary:focus-visible {{ outline:2px solid {ACCENT}; }}
.airlock-matrix .al-reasons :is(th,td) {{ padding:4px 10px 4px 0; vertical-align:top; white-space:normal; }}
.airlock-matrix .al-reasons th {{ width:11em; }}
.airlock-matrix .al-reasons small {{ display:block; }}
@container (max-width: 720px) {{ .airlock-matrix [role=grid] thead th {{ font-size:11px; }} }}
@media (prefers-reduced-motion: no-preference) {{
  .airlock-matrix [role=gridcell] {{ transition:background-color 150ms; }} }}
</style>"""
