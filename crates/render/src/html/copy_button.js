"use strict";
// A button that copies a line, or selects it where the browser lets no page write to the clipboard.
function copyButton(line) {
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "copy";
  copy.textContent = "Copy";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(line);
      copy.textContent = "Selected";
    }
  });
  return copy;
}

document.querySelectorAll(".commands pre").forEach((line) => line.after(copyButton(line)));
