-- All pages' citations and bibliographies, formatted by Pandoc's own citeproc.
-- In comes one JSON object: bibtex, style, language, pages (lists of groups of citations).
-- Out comes a line a page: a Pandoc document as JSON, a paragraph a group, then the list.
-- What Pandoc made of hostile text is not made harmless here: that is for who reads this.

-- An author's HTML and TeX stay words, as they do everywhere else on a page.
local READER = 'markdown-raw_html-raw_tex-raw_attribute-native_divs-native_spans'
local NO_FILES = {}

local input = pandoc.json.decode(io.read('a'), false)
local references = {}
for _, reference in ipairs(pandoc.read(input.bibtex, 'biblatex').meta.references or {}) do
  references[pandoc.utils.stringify(reference.id)] = reference
end

local function only_cite(block)
  local content = block.t == 'Para' and block.content or {}
  return #content == 1 and content[1].t == 'Cite' and content[1]
end

-- Return the citations that Pandoc reads in each text, false where it reads anything else.
-- All are read at once, which is five times faster, and apart if one disturbs the others.
local function read(texts)
  local found = {}
  local blocks = pandoc.read(table.concat(texts, '\n\n'), READER, nil, NO_FILES).blocks
  for index, block in ipairs(blocks) do
    local cite = only_cite(block)
    found[index] = cite and cite.citations
  end
  if #blocks == #texts then
    return found
  elseif #texts == 1 then
    return {false}
  end
  for index, text in ipairs(texts) do
    found[index] = read({text})[1]
  end
  return found
end

-- A key in a prefix or suffix is a word there: its source is not among the page's.
local words = {Cite = function (cite) return cite.content end}

local function inlines(text, parsed)
  if not parsed then
    return pandoc.Inlines(text)
  end
  return text:find('@', 1, true) and parsed:walk(words) or parsed
end

local function citations(group, parsed)
  if not parsed or #parsed ~= #group.citations then
    parsed = nil
  end
  local made = {}
  for index, one in ipairs(group.citations) do
    local prefix = inlines(one.prefix, parsed and parsed[index].prefix)
    local suffix = inlines(one.suffix, parsed and parsed[index].suffix)
    made[index] = pandoc.Citation(one.key, one.mode, prefix, suffix)
  end
  return made
end

-- Formulas as Pandoc writes them in HTML: letters in italics, no TeX.
local function formula(math)
  local html = pandoc.write(pandoc.Pandoc{pandoc.Plain{math}}, 'html')
  return pandoc.utils.blocks_to_inlines(pandoc.read(html, 'html', nil, NO_FILES).blocks)
end

-- Return a page's paragraphs, one a group, and the references that it cites.
local function read_page(page)
  local texts, place = {}, {}
  for number, group in ipairs(page) do
    if group.markdown then
      texts[#texts + 1] = group.markdown
      place[number] = #texts
    end
  end
  local parsed = #texts > 0 and read(texts) or {}
  local blocks, cited, seen = {}, {}, {}
  for number, group in ipairs(page) do
    local made = citations(group, place[number] and parsed[place[number]])
    blocks[number] = pandoc.Para{pandoc.Cite({}, made)}
    for _, one in ipairs(group.citations) do
      if not seen[one.key] then
        seen[one.key] = true
        cited[#cited + 1] = references[one.key]
      end
    end
  end
  return blocks, cited
end

for _, page in ipairs(input.pages) do
  local blocks, cited = read_page(page)
  local doc = pandoc.utils.citeproc(pandoc.Pandoc(blocks, {
    references = cited,
    csl = input.style,
    lang = input.language,
    ['link-citations'] = true,
  }))
  doc.meta = {}
  local json = pandoc.write(doc, 'json')
  if json:find('{"t":"Math"', 1, true) then
    json = pandoc.write(doc:walk{Math = formula}, 'json')
  end
  io.write(json, '\n')
end
