"""Sphinx's configuration of `./airlock site`. Nothing is executed here, and nothing is loaded from elsewhere."""

project = "Airlock"
html_title = "Airlock"
language = "en"
extensions = ["myst_nb"]
exclude_patterns = ["build"]

html_theme = "furo"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark"
html_static_path = ["static"]
html_css_files = ["airlock.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False

nb_execution_mode = "off"
# Recorded pages hold no widgets; without these, MyST-NB would name a CDN for their scripts.
nb_ipywidgets_js = {}
nb_merge_streams = True
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # snippets that leave something out with an ellipsis
smartquotes = False  # "quotes" in prose are often code
