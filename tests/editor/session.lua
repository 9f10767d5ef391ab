-- A session of Neovim with leora-run lsp, written down for the test that starts it.

local transcript = assert(io.open(vim.env.TRANSCRIPT, "w"))
local function say(...) transcript:write(string.format(...) .. "\n") end

local script = "scripts/phase2/01_classify_customers.rhai"

local function wait(what, holds)
  assert(vim.wait(30000, holds, 10), "never " .. what)
end

local function client()
  return vim.lsp.get_active_clients()[1]
end

-- The diagnostics as Neovim has them.
local function diagnostics()
  local lines = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    local severity = vim.diagnostic.severity[one.severity]
    local message = one.message:gsub("\n", "; ")
    table.insert(lines, string.format("  %d:%d %s %s: %s", one.lnum + 1, one.col + 1, severity, one.code, message))
  end
  return lines
end

local function say_diagnostics()
  local lines = diagnostics()
  if #lines == 0 then say("  no diagnostics") end
  for _, line in ipairs(lines) do say("%s", line) end
end

local function replace(line, from, to)
  local text = vim.api.nvim_buf_get_lines(0, line - 1, line, true)[1]
  local start, stop = text:find(from, 1, true)
  assert(start, from .. " is not in " .. text)
  vim.api.nvim_buf_set_text(0, line - 1, start - 1, line - 1, stop, { to })
end

local function place(line, text)
  local written = vim.api.nvim_buf_get_lines(0, line - 1, line, true)[1]
  vim.api.nvim_win_set_cursor(0, { line, assert(written:find(text, 1, true)) + #text - 2 })
end

local function ask(method, params)
  local answers = assert(vim.lsp.buf_request_sync(0, method, params, 30000))
  for _, answer in pairs(answers) do
    assert(not answer.err, vim.inspect(answer.err))
    return answer.result
  end
end

local function session()
  vim.cmd("edit " .. script)
  wait("attached", function() return client() and client().initialized end)
  say("server: %s", client().name)

  say("write .withn for .within")
  replace(14, ".within", ".withn")
  wait("a diagnostic", function() return #diagnostics() > 0 end)
  say_diagnostics()

  local range = vim.diagnostic.get(0)[1]
  vim.api.nvim_win_set_cursor(0, { range.lnum + 1, range.col })
  local params = vim.lsp.util.make_range_params()
  params.context = { diagnostics = {} }
  local fix = ask("textDocument/codeAction", params)[1]
  say("quick fix: %s", fix.title)
  vim.lsp.util.apply_workspace_edit(fix.edit, client().offset_encoding)
  wait("mended", function() return #diagnostics() == 0 end)
  say("  %s", vim.trim(vim.api.nvim_buf_get_lines(0, 13, 14, true)[1]))

  say("complete accountT")
  local last = vim.api.nvim_buf_line_count(0)
  local text = 'update("Customer").where(col("accountT'
  vim.api.nvim_buf_set_lines(0, last, last, false, { text })
  vim.api.nvim_win_set_cursor(0, { last + 1, #text - 1 })
  params = vim.lsp.util.make_position_params()
  -- Where one types on, behind the last letter.
  params.position.character = params.position.character + 1
  local found = ask("textDocument/completion", params)
  local matches = vim.lsp.util.text_document_completion_list_to_complete_items(found, "accountT")
  for _, match in ipairs(matches) do say("  %s", match.word) end
  vim.api.nvim_buf_set_lines(0, last, last + 1, false, {})

  say("hover over within")
  place(14, "within")
  local hover = ask("textDocument/hover", vim.lsp.util.make_position_params())
  local lines = vim.lsp.util.convert_input_to_markdown_lines(hover.contents)
  say("  %s", lines[2])

  say("definition of active_within")
  place(14, "within(active_within")
  local definition = ask("textDocument/definition", vim.lsp.util.make_position_params())
  vim.lsp.util.jump_to_location(definition, client().offset_encoding)
  say("  line %d", vim.api.nvim_win_get_cursor(0)[1])

  say("format")
  replace(14, '"ACTIVE"   ]', '"ACTIVE" ]')
  vim.lsp.buf.formatting_sync({ tabSize = 4, insertSpaces = true }, 30000)
  say("  %s", vim.trim(vim.api.nvim_buf_get_lines(0, 13, 14, true)[1]))

  say("open the manifest, unsaved")
  vim.cmd("edit! scripts/phase2/leora.toml")
  replace(4, "writes", "write")
  wait("a diagnostic", function() return #diagnostics() > 0 end)
  say_diagnostics()
end

local ended, why = xpcall(session, debug.traceback)
if not ended then say("failed: %s", why) end
transcript:close()
vim.cmd("qall!")
