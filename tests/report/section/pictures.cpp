#include <eucv/report/section/pictures.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("pictures stand beside their maps, with credit, and link only to the web") {
  auto all = test::report_facts();
  const auto text = section::pictures(all);
  std::size_t images = 0;
  for (std::size_t at = text.find("<img "); at != std::string::npos; at = text.find("<img ", at + 1)) ++images;
  CHECK(images == 5);
  CHECK(tells(text, "alt=\"a/&lt;i&gt;1&lt;/i&gt;.jpg\""));
  CHECK(tells(text,
              "<figcaption><b>&lt;script&gt;alert(1)&lt;/script&gt;</b> 93.0\u00a0%; given <b>archaeological_site"));
  CHECK(tells(text, "<h3>Right, the surest of each class</h3>"));
  CHECK(tells(text, "A &quot;map&quot; &lt;of&gt; it"));
  CHECK(tells(text, "href=\"https://museum.example/?a=1&amp;b=2\""));
  CHECK_FALSE(tells(text, "javascript"));
  all.wrong.clear();
  all.right.clear();
  CHECK(section::pictures(all).empty());
}

TEST_CASE("pictures with several labels say which are wrong, missed and right") {
  const auto text = section::pictures(test::multi_label_report_facts());
  CHECK(tells(text, "wrong: <b>&lt;script&gt;alert(1)&lt;/script&gt;</b> 93.0\u00a0%; missed: <b>archaeological_site"));
  CHECK(tells(text, "<figcaption>right: <b>archaeological_site"));
  CHECK(tells(text, "</b> 99.0\u00a0%, <b>label 2</b> 80.0\u00a0%<br>"));
  CHECK(tells(section::gallery(std::vector<eucv::report::shown_picture>(1)), "no label, given or predicted"));
}
