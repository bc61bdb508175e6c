"""Citations, glossary and claims for static sites.

The map, from bottom to top; imports point down only:

- ``model``: the records that everything else passes around. ``markup``: the one writer of HTML.
  ``store``: files kept from build to build.
- ``words``: the fixed words in the site's language.
- ``file``, ``matter``, ``fields``: a file of the author's, its front matter, what may be in it.
  ``entries``, ``inherit``, ``bib`` over ``dates``, ``latex``, ``names``: a .bib file to sources.
- ``figures``, ``near``: numbers with their sources, and how to draw them; "did you mean".
  ``drawing`` over ``vega``, ``svg``: a figure is drawn. ``plate``: a figure on its page.
- ``terms``: which term a text names. ``former``: old names that are kept. ``library``: the folder
  ``sources/`` becomes one frozen Library; ``cache`` keeps it.
- ``opaque``, ``syntax``, ``locator``: what in a text is no prose, a citation, a place in a source.
- ``style``, ``labels``: a source becomes the parts of a reference. ``csl``, ``tree``: any style,
  by pandoc. ``export``, ``metadata``: what reference managers read.
- ``rules``: their table. ``check``: what finds their breaches. ``report``: findings as text or
  JSON. ``shard``: findings of several machines. ``built``: what a build has passed by.
- ``target``, ``answer``, ``client``: an address of the web is asked; the network is here alone.
  ``charset``, ``passages``: what it sent becomes text. ``addresses``, ``links``, ``linkreport``:
  what a site leads to, whether it stands, and what that means.
- ``identity``: which work an address or a number names. ``finds`` over ``jsonld``, ``describe``:
  what a page says of itself. ``records`` over ``ris``: what other programs say of a work.
  ``keys``, ``shelf``: an entry gets its key and its place in a .bib file. ``lookup``, ``add``,
  ``imports``: what was typed or exported becomes entries.
- ``marks``: what stands for it until the page is written. ``places``, ``uses``: where everything
  is mentioned. ``references``: the lists at a page's foot.
- ``render``: a recognised page becomes HTML. ``record``: what a page says of itself. ``csp``: what
  it may load.
- ``extension``: Python-Markdown. ``autolink``: terms in plain words. ``pages``: the generated
  pages. ``overview``: what templates may show. ``site``: one build.
- ``audit``, ``judge``: a whole site is gone through, and judged. ``prepare``: what a build needs to
  know of all pages, written before it.
- ``init``: a new site from the files in ``template/``. ``migrate``: a site that used other
  plugins; over ``citing`` and ``adopt``, which know their ways, ``definitions``, their texts,
  ``settings``, the lines of mkdocs.yml, and ``changes``, which shows and writes.
- ``papers``, ``mentions``, ``desk``: a site as it stands in an editor. ``complete``, ``hover``,
  ``rename``, ``remedy``: what an editor offers. ``session``, ``wire``, ``lsp``: how it asks.
- ``plugin``: MkDocs and ProperDocs. ``zensical``: Zensical. ``cli``: the command ``apparatus``.
"""

__version__ = "0.1.0.dev0"
