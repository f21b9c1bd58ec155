#include "launch/attention_page.h"

#include "launch/heat_map.h"
#include "launch/html.h"

namespace dragoman {

namespace {

constexpr const char* kStyle =
    R"(body { margin: 2em; color: #222; background: #fff; font: 16px/1.4 "DejaVu Sans", Verdana, "Segoe UI", sans-serif; }
h1 { font-size: 1.3em; }
p { max-width: 48em; }
figure { margin: 2em 0; padding-top: 0.7em; border-top: 1px solid #ccc; overflow-x: auto; break-inside: avoid; }
figcaption { position: sticky; left: 0; margin-bottom: 0.7em; }
figcaption b { color: #777; font-weight: normal; }
@media print { body { margin: 0; } figure { overflow: visible; } }
)";

}  // namespace

void begin_attention_page(std::ostream& out, const std::string& title) {
  out << begin_html_page(title, kStyle + std::string(heat_map_css())) << "<h1>" << escape_html(title) << "</h1>\n"
      << "<p>Source pieces stand above, target pieces at the left. A row tells what its target piece was made of: the "
         "darker a cell, the more weight that source piece had. \xe2\x90\xa3 is a "
         "space, &lt;/s&gt; the end of a sentence. Point at a cell for its weight.</p>\n"
      << heat_map_legend();
}

void add_to_attention_page(std::ostream& out, const SoftAlignment& alignment, const std::string& source,
                           const std::string& translation) {
  out << "<figure>\n<figcaption><b>" << alignment.line + 1 << "</b> <bdi>" << escape_html(source)
      << "</bdi><br>\n<b>\xe2\x86\x92</b> <bdi>" << escape_html(translation) << "</bdi></figcaption>\n"
      << (alignment.weights.empty() ? "" : heat_map(alignment.source, alignment.target, alignment.weights))
      << "</figure>\n";
}

}  // namespace dragoman
