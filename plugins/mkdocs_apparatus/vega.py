"""Draws in a process of its own: Vega-Lite specs come in as JSON, SVG goes out.

So a spec that takes for ever, or all memory, ends itself and not the build. It runs as a file, not
as a part of the package.

In: ``{"specs": [spec, …], "locale": {"number": …, "time": …}}``. Out: a line for each spec,
``{"svg": …}`` or ``{"error": …}``.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Answer one request."""
    import vl_convert  # noqa: PLC0415 # an extra

    request = json.load(sys.stdin)
    for spec in request["specs"]:
        answer = {}
        try:
            answer["svg"] = vl_convert.vegalite_to_svg(
                spec,
                allowed_base_urls=[],
                format_locale=request["locale"]["number"],
                time_format_locale=request["locale"]["time"],
            )
        except ValueError as error:
            answer["error"] = str(error)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
