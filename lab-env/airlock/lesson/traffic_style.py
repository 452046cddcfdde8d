"""How the side-by-side viewer looks, in JupyterLab's light and dark themes."""

from __future__ import annotations

from airlock.lesson.markup import ACCENT, INK, LINE, MONO, MUTED, SANS, SURFACE

# Tints lie over the theme's own ground, so the ink on them stays readable in either theme.
STYLE = f"""<style>
.airlock-traffic {{ --al-accent:{ACCENT}; --al-mark:color-mix(in srgb, {ACCENT} 34%, transparent);
  --al-t0:color-mix(in srgb, #2f81f7 20%, transparent); --al-t1:color-mix(in srgb, #d29922 22%, transparent);
  --al-t2:color-mix(in srgb, #3fb950 20%, transparent); --al-t3:color-mix(in srgb, #a371f7 22%, transparent);
  max-width:1100px; font-family:{SANS}; color:{INK}; container-type:inline-size; }}
.airlock-traffic .al-timer {{ display:none; }}
.airlock-traffic .widget-inline-hbox {{ width:auto; margin:8px 10px 0 0; overflow:visible; }}
.airlock-traffic .widget-inline-hbox > label {{ width:auto; margin-right:6px; font-family:{SANS}; color:{MUTED}; }}
.airlock-traffic .widget-dropdown select {{ width:146px; }}
.airlock-traffic .widget-text input[type=text] {{ width:200px; }}
.airlock-traffic .al-step input {{ width:76px; }}
.airlock-traffic .al-of {{ width:auto !important; margin:8px 0 0 !important; color:{MUTED}; }}
/* ipywidgets takes the ring away, and says so with more weight. */
.airlock-traffic :is(input,select):focus-visible {{ outline:2px solid {ACCENT} !important; outline-offset:1px; }}

.airlock-traffic .al-list {{ margin-top:10px; border:1px solid {LINE}; border-radius:4px; overflow:hidden;
  container-type:inline-size; }}
.airlock-traffic .al-list > * {{ --al-row:clamp(9px,
  calc((100cqw - 32px) / (0.605 * (var(--al-left) + var(--al-right)))), 14px); }}
.airlock-traffic .al-heads {{ display:grid;
  grid-template-columns:calc(1ch * var(--al-left)) 1fr; background:{SURFACE};
  padding:6px 6px 2px; font:var(--al-row)/1.35 {MONO}; }}
.airlock-traffic .al-heads div {{ padding:0 8px 0 4px; font:14px/1.35 {SANS}; }}
.airlock-traffic .al-heads span {{ display:block; color:{MUTED}; font-size:12px; }}
.airlock-traffic pre.al-columns {{ margin:0; padding:0 6px 2px; background:{SURFACE}; color:{MUTED};
  border-bottom:1px solid {LINE}; font:var(--al-row)/1.6 {MONO}; overflow:hidden;
  white-space:pre; }}
.airlock-traffic .al-list .widget-select {{ display:block; width:100%; margin:0; }}
.airlock-traffic .al-list .widget-select > label {{ position:absolute; width:1px; height:1px; overflow:hidden;
  clip-path:inset(50%); }}
.airlock-traffic .al-list select {{ display:block; width:100%; height:264px; margin:0; padding:0; border:none;
  background:none; color:{INK}; font:var(--al-row)/22px {MONO}; overflow:auto;
  }}
.airlock-traffic .al-list select:focus-visible {{ outline-offset:-2px; }}
.airlock-traffic .al-list option {{ padding:0 6px; min-height:22px; line-height:22px; white-space:pre;
  font:inherit; border-bottom:1px solid color-mix(in srgb, {LINE} 45%, transparent); }}
.airlock-traffic .al-list option:checked {{ background:color-mix(in srgb, {ACCENT} 30%, transparent)
  linear-gradient(0deg, color-mix(in srgb, {ACCENT} 30%, transparent) 0%, color-mix(in srgb, {ACCENT} 30%,
  transparent) 100%); color:{INK}; font-weight:600; }}
.airlock-traffic .al-said {{ margin:6px 0 0; color:{MUTED}; font-size:13px; min-height:1.5em; }}

.airlock-traffic .al-known table {{ width:100%; table-layout:fixed; border-collapse:collapse; margin:10px 0 0;
  font-size:13px; }}
.airlock-traffic .al-known caption {{ text-align:left; font-weight:600; padding:0 0 2px; color:{INK};
  caption-side:top; }}
.airlock-traffic .al-known tr {{ background:none !important; }}
.airlock-traffic .al-known :is(th,td) {{ padding:3px 10px 3px 6px; text-align:left; vertical-align:top; border:none;
  border-bottom:1px solid {LINE}; overflow-wrap:anywhere; white-space:normal; color:{INK}; line-height:1.4; }}
.airlock-traffic .al-known tr > :first-child {{ width:8em; padding-left:0; color:{MUTED}; font-weight:600; }}
.airlock-traffic .al-known td.al-none {{ color:{MUTED}; }}
.airlock-traffic .al-known td.al-fresh {{ background:var(--al-mark); }}
.airlock-traffic .al-new {{ font-style:normal; font-size:11px; font-weight:600; border:1px solid {ACCENT};
  border-radius:3px; padding:0 4px; margin-right:4px; }}

.airlock-traffic .al-parts {{ display:flex; flex-wrap:wrap; gap:14px; margin-top:12px; overflow:visible;
  align-items:flex-start; }}
.airlock-traffic .al-parts > .widget-html {{ flex:1 1 320px; min-width:0; width:auto !important; }}
.airlock-traffic .al-part {{ border-top:2px solid {LINE}; padding-top:6px; font-size:13px; line-height:1.45; }}
.airlock-traffic .al-kind {{ font-size:14px; font-weight:600; margin-top:2px; }}
.airlock-traffic small, .airlock-traffic .al-note {{ color:{MUTED}; font-size:12px; font-weight:400; }}
.airlock-traffic .al-dump {{ max-height:190px; overflow:auto; margin:6px 0; padding:5px 7px; border:1px solid {LINE};
  border-radius:4px; font:12px/1.6 {MONO}; white-space:pre; }}
.airlock-traffic .al-dump:focus-visible {{ outline:2px solid {ACCENT}; }}
.airlock-traffic .al-dump i {{ font-style:normal; color:{MUTED}; margin-right:6px; }}
.airlock-traffic .al-dump b {{ font-weight:400; border-radius:2px; }}
.airlock-traffic .t0 {{ background:var(--al-t0); }} .airlock-traffic .t1 {{ background:var(--al-t1); }}
.airlock-traffic .t2 {{ background:var(--al-t2); }} .airlock-traffic .t3 {{ background:var(--al-t3); }}
.airlock-traffic .al-fields {{ max-height:300px; overflow:auto; border:1px solid {LINE}; border-radius:4px;
  position:relative; }}
.airlock-traffic label.al-field {{ display:flex; gap:6px; align-items:flex-start; padding:3px 6px 3px 4px; margin:0;
  cursor:pointer; border-bottom:1px solid color-mix(in srgb, {LINE} 60%, transparent); overflow-wrap:anywhere; }}
.airlock-traffic .al-field:hover, .airlock-traffic .al-field:has(:checked) {{ background:{SURFACE}; }}
.airlock-traffic .al-field:has(:focus-visible) {{ outline:2px solid {ACCENT}; outline-offset:-2px; }}
.airlock-traffic .al-field input {{ flex:none; margin:3px 0 0; accent-color:{ACCENT}; }}
.airlock-traffic .al-field > span {{ flex:1; min-width:0; }}
.airlock-traffic .al-name {{ font-weight:600; border-radius:2px; padding:0 2px; }}
.airlock-traffic .al-field code {{ font:12px/1.4 {MONO}; color:{INK}; background:none; padding:0; }}
.airlock-traffic .al-span {{ float:right; margin-left:8px; white-space:nowrap; }}
.airlock-traffic .al-span + small {{ display:block; line-height:1.35; }}
@media (prefers-reduced-motion: no-preference) {{
  .airlock-traffic .al-dump b {{ transition:background-color 120ms; }} }}
</style>"""
