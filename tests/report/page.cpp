#include <eucv/report/page.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <algorithm>
#include <set>
#include <string>

// What a browser makes of it is checked by tests/report/check_page.py.
namespace {

void check_page(const std::string& text) {
  CHECK(text.find("default-src &#39;none&#39;") == std::string::npos);
  CHECK(text.find("content=\"default-src 'none'; img-src data:; style-src 'sha256-") != std::string::npos);
  std::set<std::string> seen;
  for (std::size_t at = text.find(" id=\""); at != std::string::npos; at = text.find(" id=\"", at + 1)) {
    const std::string id = text.substr(at + 5, text.find('"', at + 5) - at - 5);
    CHECK_MESSAGE(seen.insert(id).second, id);
  }
  CHECK(seen.size() > 20);
  for (std::size_t at = text.find("src=\""); at != std::string::npos; at = text.find("src=\"", at + 1))
    CHECK(text.compare(at + 5, 23, "data:image/jpeg;base64,") == 0);
  for (const char* never : {"<link", "<iframe", "style=\"", "onclick", "<script>alert", "<b>co"})
    CHECK(text.find(never) == std::string::npos);
  for (const char* part :
       {"#figures", "#curves", "#classes", "#confusion", "#pictures", "#audit", "#sources", "#repeat"})
    CHECK(text.find(std::string("<a href=\"") + part) != std::string::npos);
}

} // namespace

TEST_CASE("the page stands for itself: no address is fetched, no identity stands twice, equal facts make equal bytes") {
  const auto all = test::report_facts();
  const std::string text = eucv::report::page(all);
  CHECK(text == eucv::report::page(test::report_facts()));
  check_page(text);
  CHECK(text.find("<a href=\"#classes\">Classes</a>") != std::string::npos);
  CHECK(text.find("must not be among them") != std::string::npos);
  auto other = all;
  other.predictions_by = eucv::report::origin::out_of_fold;
  CHECK(eucv::report::page(other).find("each by a model of the same kind that was trained on others") !=
        std::string::npos);
}

TEST_CASE("so does the page on a model with several labels a picture") {
  const std::string text = eucv::report::page(test::multi_label_report_facts());
  CHECK(text == eucv::report::page(test::multi_label_report_facts()));
  check_page(text);
  CHECK(text.find("<a href=\"#classes\">Labels</a>") != std::string::npos);
}
