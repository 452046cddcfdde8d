// Before OpenBao's own scripts. Its calls go to /v1/ wherever its page is; here they go where the page is.
// The token is added behind JupyterLab, so what is kept here, in its place, opens nothing.
(() => {
  const home = new URL("./", document.currentScript.src).pathname;
  const placed = (url) => (typeof url === "string" && url.startsWith("/v1/") ? home + url.slice(1) : url);

  const open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    return open.call(this, method, placed(url), ...rest);
  };
  const fetch = window.fetch;
  window.fetch = (what, ...rest) => fetch(placed(what), ...rest);

  const name = "vault-token\u26031"; // as its page names what it keeps of a signed-in session
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("vault-") && key !== name) localStorage.removeItem(key);
  }
  localStorage.setItem(
    name,
    JSON.stringify({
      userRootNamespace: "",
      displayName: "the lab's page, to look at",
      backend: { mountPath: "", type: "token" },
      token: "kept behind JupyterLab",
      policies: ["default", "jupyterlab-page"],
      renewable: false,
      entity_id: "",
    }),
  );
})();
