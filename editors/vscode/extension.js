// Starts `leora-run lsp` and connects the editor with it. All that it knows is in the program.

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

/** The folder that is open, where the program is started. */
function root() {
  const folder = vscode.workspace.workspaceFolders?.[0];
  return folder?.uri.scheme === "file" ? folder.uri.fsPath : undefined;
}

function createClient() {
  const settings = vscode.workspace.getConfiguration("leora-run");
  const program = settings.get("command");
  const isPath = /[\\/]/.test(program);
  const command = isPath && root() ? path.resolve(root(), program) : program;
  const args = ["lsp", ...settings.get("arguments")];
  return new LanguageClient(
    "leora-run",
    "leora-run",
    { command, args, options: { cwd: root() } },
    {
      documentSelector: [
        { scheme: "file", language: "rhai" },
        { scheme: "file", pattern: "**/leora.toml" },
      ],
    },
  );
}

async function start() {
  client = createClient();
  try {
    await client.start();
  } catch (error) {
    const again = "Open the settings";
    const message = `leora-run could not be started: ${error.message}`;
    if ((await vscode.window.showErrorMessage(message, again)) === again) {
      vscode.commands.executeCommand("workbench.action.openSettings", "leora-run.command");
    }
  }
}

async function restart() {
  await client?.stop().catch(() => {});
  await start();
}

exports.activate = async (context) => {
  context.subscriptions.push(
    vscode.commands.registerCommand("leora-run.restart", restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("leora-run")) restart();
    }),
  );
  await start();
};

exports.deactivate = () => client?.stop();
