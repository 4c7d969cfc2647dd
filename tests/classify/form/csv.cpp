#include <eucv/classify/form/csv.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace eucv::classify;

TEST_CASE("predictions as CSV: a row for each label, and the ID where there are records") {
  const std::vector<ranked_label> labels{{"map", "http://data.europeana.eu/concept/43", 0.75}, {"a, \"b\"", "", 0.25}};
  const labelled_picture file{.file = "a.jpg", .labels = labels},
      record{.file = "http://m.example/b.jpg", .id = "/1/b", .labels = labels};
  CHECK(form::csv.header(record_ids::absent) == "file,rank,label,concept,probability\n");
  CHECK(form::csv.header(record_ids::present) == "file,rank,label,concept,probability,ID\n");
  CHECK(form::csv.text(file, record_ids::absent) == "a.jpg,1,map,http://data.europeana.eu/concept/43,0.75\n"
                                                    "a.jpg,2,\"a, \"\"b\"\"\",,0.25\n");
  CHECK(form::csv.text(file, record_ids::present) == "a.jpg,1,map,http://data.europeana.eu/concept/43,0.75,\n"
                                                     "a.jpg,2,\"a, \"\"b\"\"\",,0.25,\n");
  CHECK(form::csv.text(record, record_ids::present) ==
        "http://m.example/b.jpg,1,map,http://data.europeana.eu/concept/43,0.75,/1/b\n"
        "http://m.example/b.jpg,2,\"a, \"\"b\"\"\",,0.25,/1/b\n");
  CHECK(form::csv.text({.file = "c.jpg"}, record_ids::present).empty());
}
