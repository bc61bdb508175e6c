"""Citations, glossary and claims for static sites.

The map, from bottom to top; imports point down only:

- ``model``: the records that everything else passes around.
- ``library``: the folder ``sources/`` becomes one frozen Library. ``syntax``: text becomes marks.
- ``style``: a source becomes the parts of a reference.
- ``check``: the rules. ``report``: findings as text or JSON.
- ``render``: a recognised page becomes HTML; the one place where values meet markup.
- ``extension``: Python-Markdown. ``pages``: the generated pages.
- ``plugin``: MkDocs. ``cli``: the command ``apparatus``.
"""

__version__ = "0.1.0.dev0"
