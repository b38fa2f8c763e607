"""HTML that hides a number, or cuts it in pieces."""

from __future__ import annotations

from tests.makers.evasions.setting import NIR, Named, whole


def hidden_in_html() -> Named:
    number = NIR.replace(" ", "")
    junk = (
        "display:none",
        "DISPLAY: NONE",
        "visibility:hidden",
        "font-size:0",
        "font-size:0px",
        "mso-hide:all",
        "color:#fff;font-size:1px",
        "opacity:0",
        "max-height:0;overflow:hidden",
        "position:absolute;left:-9999px",
        "width:0;height:0",
        "text-indent:-999px",
    )
    pages = {
        f"junk-{style}": "".join(f'{c}<span style="{style}">9x</span>' for c in number)
        for style in junk
    } | {
        "hidden-attribute": "".join(f"{c}<i hidden>7</i>" for c in number),
        "hidden-class": "<style>.h{display:none}</style>"
        + "".join(f'{c}<b class="h">7</b>' for c in number),
        "hidden-class-of-two": "<style>p, .a.h { color:red; display : none !important }</style>"
        + "".join(f"{c}<b class='a h'>7</b>" for c in number),
        "hidden-tag": "<style>u{display:none}</style>" + "".join(f"{c}<u>7</u>" for c in number),
        "hidden-id": "<style>#z{visibility:hidden}</style>"
        + f"{number[:6]}<s id=z>999</s>{number[6:]}",
        "unquoted-style": "".join(f"{c}<span style=display:none>7</span>" for c in number),
        "template": "".join(f"{c}<template>7</template>" for c in number),
        "script-within": "".join(f"{c}<script>7</script>" for c in number),
        "style-within": "".join(f"{c}<style>.a7{{}}</style>" for c in number),
        "title-within": f"{number[:5]}<title>88</title>{number[5:]}",
        "all-hidden": f'<div style="display:none">{NIR}</div>',
        "white": f'<font color="#ffffff">{NIR}</font>',
        "comment": f"<!-- {NIR} -->",
        "conditional": f"<!--[if mso]><p>{NIR}</p><![endif]-->",
        "conditional-split": "<!--[if mso]>" + "<b></b>".join(number) + "<![endif]-->",
        "conditional-shown": f"<![if !mso]>{NIR}<![endif]>",
        "attribute": f'<img alt="{NIR}">',
        "title": f"<p title='{NIR}'>x</p>",
        "value": f"<input value={number}>",
        "unquoted": f"<p data-x={number}>x",
        "css-content": f'<style>p:before{{content:"{NIR}"}}</style><p>x</p>',
        "css-escapes": '<style>p:before{content:"'
        + "".join(f"\\{ord(c):x} " for c in number)
        + '"}</style><p>x</p>',
        "link": f'<a href="http://x.example/?n={number}">x</a>',
        "link-escaped": '<a href="http://x.example/?n='
        + "".join(f"%{ord(c):02x}" for c in number)
        + '">x</a>',
        "mailto": f'<a href="mailto:a@b.example?body={NIR.replace(" ", "%20")}">x</a>',
        "data-uri-escaped": '<a href="data:text/plain,'
        + "".join(f"%{ord(c):02x}" for c in number)
        + '">x</a>',
        "script": f"<script>var a='{number}'</script>",
        "noscript": f"<noscript>{NIR}</noscript>",
        "textarea": f"<textarea>{NIR}</textarea>",
        "svg": f"<svg><text>{NIR}</text></svg>",
        "media-query": f"<style>@media print{{p:after{{content:'{NIR}'}}}}</style>",
        "unclosed-comment": f"<!-- {NIR}",
        "unclosed-tag": f"<p title='{NIR}",
        "cdata": f"<![CDATA[{NIR}]]>",
        "bang": f"<!{NIR}>",
        "question": f"<?x {NIR}?>",
        "short-comment": f"<!--> {NIR} <!-->",
        "doctype": f"<!DOCTYPE x '{NIR}'>",
        "xmp": f"<xmp>{NIR}</xmp>",
        "nul-in-tag": f"<\0p>{NIR}</p>",
        "iframe": f"<iframe srcdoc='&lt;p&gt;{NIR}'></iframe>",
        "object": f"<object data=x>{NIR}</object>",
        "reversed": f'<bdo dir="rtl">{number[::-1]}</bdo>',
        "reversed-css": f'<i style="unicode-bidi:bidi-override;direction:rtl">{number[::-1]}</i>',
        "reversed-character": f"\u202e{number[::-1]}\u202c",
        "reversed-spaced": f"<bdo dir=rtl>{NIR[::-1]}</bdo>",
    }
    for name, page in pages.items():
        yield f"{name}", _html(page)


def split_in_html() -> Named:
    number = NIR.replace(" ", "")
    seams = (
        "<b></b>",
        "</b><b>",
        "<span>",
        "<!-- x -->",
        "<wbr>",
        "&zwj;",
        "&#8203;",
        "&shy;",
        "&zwnj;",
        "\u200b",
        "\u2060",
        "\ufeff",
        "<i/>",
        "</x>",
        "<font color=red></font>",
        "<a name=x></a>",
        "<img>",
        "<o:p></o:p>",
        "<?x?>",
        "<!>",
        "<![if 1]>",
        "&#x200D;",
        "&NoBreak;",
        "&#xAD;",
        "&lrm;",
        "<sub></sub>",
        "<x-y>",
        "\n<b>\n</b>",
        "<span\nstyle='a'\n>",
        "<b title='>'>",
    )
    for seam in seams:
        if "\n" in seam:
            continue
        yield f"{seam!r}", _html(f"<p>n° de sécurité sociale {seam.join(number)}</p>")
        yield f"{seam!r}-in-two", _html(f"<p>NIR {number[:6]}{seam}{number[6:]}</p>")
    groups = NIR.split()
    pages = {
        "cells": "<table><tr>" + "".join(f"<td>{c}</td>" for c in number) + "</tr></table>",
        "cells-of-groups": "<table><tr>"
        + "".join(f"<td>{g}</td>" for g in groups)
        + "</tr></table>",
        "rows": "<table>" + "".join(f"<tr><td>{g}</td></tr>" for g in groups) + "</table>",
        "breaks": "<br>".join(groups),
        "blocks": "".join(f"<div>{g}</div>" for g in groups),
        "list": "".join(f"<li>{g}" for g in groups),
        "decimal": "".join(f"&#{ord(c)};" for c in number),
        "hexadecimal": "".join(f"&#x{ord(c):x};" for c in number),
        "no-semicolon": "".join(f"&#{ord(c)} " for c in number),
        "leading-zeros": "".join(f"&#00000{ord(c)};" for c in number),
        "full-width": "".join(f"&#{ord(c) + 0xFEE0};" for c in number),
        "inputs": "".join(f"<input value={c}>" for c in number),
        "flex": "".join(f'<span style="float:left">{c}</span>' for c in number),
        "nbsp": "&nbsp;".join(groups),
        "thin": "&thinsp;".join(groups),
        "upper": f"<P>{NIR}</P>",
        "divs": "".join(f'<div style="display:inline">{c}</div>' for c in number),
    }
    for name, page in pages.items():
        yield name, _html(page)


def _html(page: str) -> bytes:
    return whole(
        "Content-Type: text/html; charset=utf-8\n",
        f"<html><body><p>Bonjour</p>{page}</body></html>\n".encode(),
    )
