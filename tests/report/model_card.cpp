#include <eucv/report/model_card.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

TEST_CASE("the card says what the model is for, how good it is, where it fails, and how to repeat it") {
  const auto all = test::report_facts();
  const auto text = eucv::report::model_card(all);
  for (const char* part :
       {"# Model card: model &amp; &lt;b&gt;co&lt;/b&gt;", "## Intended use", "enrich records with 2 of them",
        "## Figures", "| accuracy | ", "## Limits", "## Data and licences", "## How to repeat", "most often taken for",
        "| automatic | 0.600 |", "| never |  |", "lists 30 pictures whose labels are likely wrong",
        "    eucv evaluate model images"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(text.find("<script>") == std::string::npos);
  CHECK(text.find("archaeological\\_site") != std::string::npos);
  auto plain = all;
  plain.thresholds.clear();
  plain.sources.clear();
  plain.audit = {};
  const auto other = eucv::report::model_card(plain);
  CHECK(other.find("every suggestion needs a person's look") != std::string::npos);
  CHECK(other.find("threshold |") == std::string::npos);
  CHECK(other.find("Nothing beside the pictures tells their licences") != std::string::npos);
}

TEST_CASE("text of others is neither markup nor HTML in a card") {
  CHECK(eucv::report::markdown("a|b\n<c> & [d](e) `f`") == "a\\|b &lt;c&gt; &amp; \\[d\\](e) \\`f\\`");
}
