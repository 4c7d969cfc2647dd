#include <eucv/report/detail/style.hpp>

#include <doctest/doctest.h>

#include <string_view>

using eucv::report::chart_style;
using eucv::report::page_script;
using eucv::report::page_style;

TEST_CASE("style and script fetch nothing and cannot end their elements early") {
  for (const std::string_view text : {chart_style, page_style, page_script})
    for (const char* never : {"</", "url(", "http:", "https:", "@import", "eval", "innerHTML", "<!--"})
      CHECK(text.find(never) == std::string_view::npos);
  CHECK(chart_style.find("prefers-color-scheme:dark") != std::string_view::npos);
  CHECK(page_style.find(":focus-visible") != std::string_view::npos);
}
