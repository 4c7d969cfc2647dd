#include <eucv/report/model_card.hpp>

#include <doctest/doctest.h>

#include <support/report_facts.hpp>

#include <string>

namespace {

void check_parts(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(text.find("<script>") == std::string::npos);
}

} // namespace

TEST_CASE("the card says what the model is for, how good it is, where it fails, and how to repeat it") {
  const auto all = test::report_facts();
  const auto text = eucv::report::model_card(all);
  check_parts(text,
              {"# Model card: model &amp; &lt;b&gt;co&lt;/b&gt;", "pixels, 5 classes.", "## Intended use",
               "Suggests one of 5 classes", "enrich records with 2 of them without human review", "## Figures",
               "| accuracy | ", "| class | pictures | precision | recall | F1 | decision | threshold |", "## Limits",
               "gets one all the same", "## Data and licences", "## How to repeat", "most often taken for",
               "| automatic | 0.600 |", "| never |  |", "lists 30 pictures whose labels are likely wrong",
               "archaeological\\_site", "\n    program evaluate model images --seed 1\n"});
  auto plain = all;
  plain.thresholds.clear();
  plain.sources.clear();
  plain.audit = {};
  const auto other = eucv::report::model_card(plain);
  CHECK(other.find("every suggestion needs human review: `program train --folds <5>`") != std::string::npos);
  CHECK(other.find("threshold |") == std::string::npos);
  CHECK(other.find("Nothing beside the pictures tells their licences") != std::string::npos);
  plain.how = {};
  CHECK(eucv::report::model_card(plain).find("needs human review.\n") != std::string::npos);
}

TEST_CASE("the card of a model with several labels has its figures, and says what counts as wrong") {
  check_parts(eucv::report::model_card(test::multi_label_report_facts()),
              {"5 labels, any number of them a picture", "Suggests any of 5 labels", "enrich records with 2 of them",
               "| all labels right | ", "| Hamming loss | ", "| mean average precision | ",
               "| label | pictures | precision | recall | F1 | average precision | decision | threshold |",
               "What is not given counts as wrong", "| automatic | 0.600 |", "| never |  |"});
}

TEST_CASE("a card names what a class is most often taken for, the first of equals") {
  eucv::report::facts all;
  all.predictions.labels = {"a", "b", "c"};
  all.figures.figures = eucv::judge::metrics_of({{1, 2, 2}, {0, 3, 0}, {0, 0, 0}}, {"a", "b", "c"});
  all.figures.headline.resize(8);
  all.figures.class_f1.resize(3);
  const auto text = eucv::report::model_card(all);
  CHECK(text.find("- a: precision 1.00, recall 0.20, most often taken for b.\n") != std::string::npos);
  CHECK(text.find("- b: precision 0.60, recall 1.00.\n") != std::string::npos);
  CHECK(text.find("- c: no picture to judge it by.\n") != std::string::npos);
}

TEST_CASE("text of others is neither markup nor HTML in a card") {
  CHECK(eucv::report::markdown("a|b\n<c> & [d](e) `f`") == "a\\|b &lt;c&gt; &amp; \\[d\\](e) \\`f\\`");
}
