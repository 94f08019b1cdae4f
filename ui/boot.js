// Loads the app and says so on the page when that fails: some web views block
// WebAssembly without any error, so silence counts as failure too.
const PATIENCE_MS = 15000;

function fail(reason) {
  const boot = document.getElementById("boot");
  if (boot === null) return;
  boot.setAttribute("role", "alert");
  document.getElementById("boot-state").hidden = true;
  document.getElementById("boot-failure").hidden = false;
  document.getElementById("boot-reason").textContent = reason;
}

const silence = setTimeout(() => fail("The app did not answer within 15 seconds."), PATIENCE_MS);

try {
  if (typeof WebAssembly !== "object") throw new Error("This web view has no WebAssembly.");
  const { default: start } = await import("./firn.js");
  await start({ module_or_path: new URL("firn_bg.wasm", import.meta.url) });
  document.getElementById("boot")?.remove();
} catch (error) {
  fail(String(error));
} finally {
  clearTimeout(silence);
}
