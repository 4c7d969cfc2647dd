#include <eucv/report/section/data.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace section = eucv::report::section;

namespace {

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("of an audit the first rows are shown, of sources what is known") {
  auto all = test::report_facts();
  const auto audit = section::audit(all);
  CHECK(tells(audit, "The first 20 of 30 rows"));
  CHECK(tells(audit, "c/20.jpg"));
  CHECK_FALSE(tells(audit, "c/21.jpg"));
  const auto sources = section::sources(all);
  CHECK(tells(sources, "<a href=\"https://creativecommons.org/publicdomain/mark/1.0/\""));
  CHECK(tells(sources, ">not known</th>"));
  CHECK(tells(sources, "Museum &lt;of&gt; Things"));
  CHECK(tells(sources, "written by <code>program card &lt;images&gt;</code>."));
  all.audit.rows.clear();
  CHECK(tells(section::audit(all), "lists none"));
  all.audit = {};
  all.sources.clear();
  CHECK(section::audit(all).empty());
  CHECK(tells(section::sources(all), "To tell it: <code>program evaluate --table &lt;t&gt;</code></p>"));
  all.how = {};
  CHECK(tells(section::sources(all), "tells where they come from.</p>"));
}

TEST_CASE("what one needs to come to the same figures is listed, with the command") {
  const auto text = section::repeat(test::report_facts());
  CHECK(tells(text, std::string(64, 'a')));
  CHECK(tells(text, "<pre><code>program evaluate model images --seed 1\n</code></pre>"));
}
