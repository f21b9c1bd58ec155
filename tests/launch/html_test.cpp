#include "launch/html.h"

#include <gtest/gtest.h>

namespace dragoman {
namespace {

TEST(HtmlTest, WhatHasAMeaningInHtmlIsEscaped) {
  EXPECT_EQ(escape_html(R"(<b class="x">Tom & 'Jerry'</b>)"),
            "&lt;b class=&quot;x&quot;&gt;Tom &amp; &#39;Jerry&#39;&lt;/b&gt;");
  EXPECT_EQ(escape_html("<a href=\"x\">'Tom & Jerry'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;Tom &amp; Jerry&#39;&lt;/a&gt;");
  EXPECT_EQ(escape_html("&amp;"), "&amp;amp;") << "what is escaped already is text as well";
}

TEST(HtmlTest, OtherTextStaysAsItIs) {
  EXPECT_EQ(escape_html(""), "");
  EXPECT_EQ(escape_html("über 10 €"), "über 10 €");
  EXPECT_EQ(escape_html("a\tb\nüß漢😀"), "a\tb\nüß漢😀");
}

TEST(HtmlTest, WhatIsNoTextIsReplaced) {
  const std::string mark = "\xef\xbf\xbd";
  EXPECT_EQ(escape_html("a\x01"
                        "b\x7f"),
            "a" + mark + "b" + mark);
  EXPECT_EQ(escape_html(std::string(1, '\0')), mark);
  EXPECT_EQ(escape_html("a\xff<\xc3"), "a" + mark + "&lt;" + mark);
}

}  // namespace
}  // namespace dragoman
