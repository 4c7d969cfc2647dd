#include <eucv/report/picture_sections.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <algorithm>
#include <string>

namespace section = eucv::report::section;

TEST_CASE("pictures stand beside their maps, with credit, and link only to the web") {
  auto all = test::report_facts();
  const auto text = section::pictures(all);
  std::size_t images = 0;
  for (std::size_t at = text.find("<img "); at != std::string::npos; at = text.find("<img ", at + 1)) ++images;
  CHECK(images == 5);
  CHECK(text.find("alt=\"a/&lt;i&gt;1&lt;/i&gt;.jpg\"") != std::string::npos);
  CHECK(text.find("A &quot;map&quot; &lt;of&gt; it") != std::string::npos);
  CHECK(text.find("href=\"https://museum.example/?a=1&amp;b=2\"") != std::string::npos);
  CHECK(text.find("javascript") == std::string::npos);
  all.wrong.clear();
  all.right.clear();
  CHECK(section::pictures(all).empty());
}

TEST_CASE("of an audit the first page is shown, of sources what is known") {
  auto all = test::report_facts();
  const auto audit = section::audit(all);
  CHECK(audit.find("The first 20 of 30 rows") != std::string::npos);
  CHECK(audit.find("c/20.jpg") != std::string::npos);
  CHECK(audit.find("c/21.jpg") == std::string::npos);
  const auto sources = section::sources(all);
  CHECK(sources.find("<a href=\"https://creativecommons.org/publicdomain/mark/1.0/\"") != std::string::npos);
  CHECK(sources.find(">not known</th>") != std::string::npos);
  CHECK(sources.find("Museum &lt;of&gt; Things") != std::string::npos);
  CHECK(section::repeat(all).find(std::string(64, 'a')) != std::string::npos);
  all.audit.rows.clear();
  CHECK(section::audit(all).find("lists none") != std::string::npos);
  all.audit = {};
  all.sources.clear();
  CHECK(section::audit(all).empty());
  CHECK(section::sources(all).find("--table DATASET.csv") != std::string::npos);
}
