// eucv classify on the web: addresses, records and queries beside a replay of the service, and the annotations made of
// them: faults, kills, second runs.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/classify/digest.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/enrich/evidence.hpp>
#include <eucv/europeana/annotation.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

constexpr const char* map_uri = "http://data.europeana.eu/concept/43";

// A model of map, painting and unknown_to_all, without thresholds and with; made once.
struct models {
  test::temporary_folder folder;
  models() {
    test::write_picture_folder(folder / "images", 14);
    const auto end = test::run_eucv({"train", (folder / "images").string(), "--out", path("plain"), "--size", "24",
                                     "--epochs", "8", "--batch", "6"});
    if (end.status != 0) throw std::runtime_error(end.err);
    std::filesystem::copy(folder / "plain", folder / "sure", std::filesystem::copy_options::recursive);
    std::string text = eucv::read_file(folder / "sure/model.json");
    text.insert(text.rfind(",\n  \"provenance\""),
                ",\n  \"thresholds\": {\"target_precision\": 0.9, \"confidence\": 0.95, \"categories\": ["
                "{\"label\": \"map\", \"decision\": \"automatic\", \"threshold\": 0.4}, "
                "{\"label\": \"painting\", \"decision\": \"review\"}, "
                "{\"label\": \"unknown_to_all\", \"decision\": \"automatic\", \"threshold\": 0.4}]}");
    eucv::write_file_atomically(folder / "sure/model.json", text);
  }
  [[nodiscard]] std::string path(const char* name) const { return (folder / name).string(); }
};
const models& trained_models() {
  static const models once;
  return once;
}

// Records with pictures of three kinds: number i shows kind i % 3, and says so itself where i % 4 is 0. Of every 30,
// two pictures are gone, one became a page, and one record has none.
struct web_place {
  test::temporary_folder folder;
  replay::server server;
  explicit web_place(std::size_t count = 30, replay::server_options options = {})
      : server(records(folder.path(), count), std::move(options)) {}

  static std::string id(std::size_t i) { return "/1/item_" + std::to_string(1000 + i); }
  static replay::collection records(const std::filesystem::path& folder, std::size_t count) {
    std::vector<replay::item> items;
    for (std::size_t i = 0; i < count; ++i) {
      replay::item item;
      item.id = id(i);
      // An old form of a concept, an equal term, and one of another vocabulary.
      if (i % 4 == 0)
        item.concepts = {"http://d-nb.info/gnd/1", i % 3 == 0 ? "http://data.europeana.eu/concept/base/43"
                                                              : "http://vocab.getty.edu/aat/300033618"};
      if (i % 30 != 7) item.file = folder / (std::to_string(i) + ".jpg");
      if (i % 30 != 7)
        eucv::write_file_atomically(item.file, eucv::image::encode_jpeg(test::coloured_picture(i % 3, i)));
      if (i % 30 == 3 || i % 30 == 4) item.answer = replay::picture::missing;
      if (i % 30 == 5) item.answer = replay::picture::page;
      items.push_back(item);
    }
    return replay::collection(std::move(items));
  }
  [[nodiscard]] std::string image(std::size_t i) const {
    return server.origin() + "/images/" + std::to_string(i) + "/" + std::to_string(i) + ".jpg";
  }
  [[nodiscard]] std::vector<std::string> query(const char* model, std::vector<std::string> more) const {
    std::vector<std::string> command{"classify",      trained_models().path(model), "--query", "*:*", "--endpoint",
                                     server.origin(), "--allow-private-addresses"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }
  [[nodiscard]] test::outcome run(std::vector<std::string> command) const {
    return test::run_eucv(std::move(command), test::with_key(server));
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Record and concept of each annotation of a text, whose lines must be whole, and none the same as another.
std::set<std::pair<std::string, std::string>> stated_in(const std::string& text) {
  std::set<std::pair<std::string, std::string>> found;
  CHECK((text.empty() || text.back() == '\n'));
  for (const auto& line : lines_of(text)) {
    const auto one = eucv::europeana::parse_annotation(line, "a line");
    CHECK(found.emplace(one.item, one.subject).second);
  }
  return found;
}

// What may be stated of the records by a model whose labels are believed from `least` on, by its own predictions.
std::set<std::pair<std::string, std::string>> expected_of(const web_place& here, double least) {
  std::set<std::pair<std::string, std::string>> expected;
  for (const auto& line : lines_of(here.run(here.query("plain", {"--format", "jsonl", "--top", "1"})).out)) {
    const auto row = eucv::parse_json(line, "a line").as_object();
    const std::string id(row.at("id").as_string().c_str());
    const auto& guess = row.at("predictions").as_array().at(0).as_object();
    const std::string uri(guess.at("concept").as_string().c_str());
    const auto number = std::stoul(id.substr(id.rfind('_') + 1)) - 1000;
    const bool has = number % 4 == 0 && uri == (number % 3 == 0 ? map_uri : "http://data.europeana.eu/concept/47");
    if (guess.at("probability").to_number<double>() >= least && !uri.empty() && !has)
      expected.emplace("http://data.europeana.eu/item" + id, uri);
  }
  return expected;
}

} // namespace

TEST_CASE("a query is searched, fetched and classified, each failure counted, in the order of the search") {
  const web_place here;
  const auto csv = here.run(here.query("plain", {"--format", "csv", "--top", "1"}));
  CAPTURE(csv.err);
  CHECK(csv.status == 3);
  CHECK(csv.err.find("2 files: http_404\n") != std::string::npos);
  CHECK(csv.err.find("1 file: not_an_image\n") != std::string::npos);
  const auto table = eucv::dataset::parse_table(csv.out, "stdout");
  CHECK(table.columns == std::vector<std::string>{"file", "rank", "label", "concept", "probability", "ID"});
  REQUIRE(table.rows.size() == 26); // without the record that has no picture, which the search leaves out
  CHECK(table.rows[0][0] == here.image(0));
  CHECK(table.rows[0][2] == "map");
  CHECK(table.rows[0][5] == "/1/item_1000");
  CHECK(std::ranges::is_sorted(table.rows, {}, [](const auto& row) { return row[5]; }));

  const auto limited = here.run(here.query("plain", {"--format", "jsonl", "--limit", "3"}));
  CHECK(limited.status == 0);
  CHECK(lines_of(limited.out).size() == 3);
  const auto row = eucv::parse_json(lines_of(limited.out)[1], "a line").as_object();
  CHECK(row.at("file").as_string() == here.image(1));
  CHECK(row.at("id").as_string() == "/1/item_1001");
  CHECK(row.at("predictions").as_array().size() == 3);
  CHECK(here.run(here.query("plain", {})).out.find("/1/item_1029  ") != std::string::npos);
}

TEST_CASE("addresses, records and files stand side by side") {
  const web_place here;
  const std::string file = (here.folder / "2.jpg").string(), model = trained_models().path("plain");
  const std::vector<std::string> rest{"--endpoint", here.server.origin(), "--allow-private-addresses", "--format",
                                      "jsonl"};
  const auto with_rest = [&](std::vector<std::string> command) {
    command.insert(command.end(), rest.begin(), rest.end());
    return command;
  };
  const std::vector<std::string> names{
      here.image(1),  web_place::id(0), file,         "http://data.europeana.eu/item/1/item_1001",
      "/1/item_9999", web_place::id(7), here.image(3)};
  std::vector<std::string> command{"classify", model};
  command.insert(command.end(), names.begin(), names.end());
  const auto end = here.run(with_rest(command));
  CAPTURE(end.err);
  CHECK(end.status == 3);
  CHECK(end.err.find("2 files: http_404\n") != std::string::npos); // a record, and a picture
  CHECK(end.err.find("1 file: not_found\n") != std::string::npos); // a record without a picture
  const auto lines = lines_of(end.out);
  REQUIRE(lines.size() == 4);
  const auto field = [&](std::size_t i, const char* name) {
    const auto row = eucv::parse_json(lines[i], "a line").as_object();
    return row.contains(name) ? std::string(row.at(name).as_string().c_str()) : std::string();
  };
  CHECK((field(0, "file") == here.image(1) && field(0, "id").empty()));
  CHECK((field(1, "file") == here.image(0) && field(1, "id") == "/1/item_1000"));
  CHECK((field(2, "file") == file && field(2, "id").empty()));
  CHECK((field(3, "file") == here.image(1) && field(3, "id") == "/1/item_1001"));

  // The same from a list, and addresses alone need no key.
  std::string list;
  for (const auto& name : names) list += name + '\n';
  auto around = test::with_key(here.server);
  around.input = list;
  CHECK(test::run_eucv(with_rest({"classify", model, "-"}), around).out == end.out);
  CHECK(test::run_eucv(with_rest({"classify", model, here.image(1)})).status == 0);
  const auto keyless = test::run_eucv(with_rest({"classify", model, web_place::id(0)}));
  CHECK(keyless.status == 1);
  CHECK(keyless.last_line().find("EUROPEANA_API_KEY") != std::string::npos);
}

TEST_CASE("a picture in a private network is refused unless allowed, though the service may be in one") {
  const web_place here;
  auto command = here.query("plain", {"--format", "csv", "--limit", "5"});
  std::erase(command, "--allow-private-addresses");
  const auto end = here.run(command);
  CHECK(end.status == 3);
  CHECK(end.err.find("5 files: private_address\n") != std::string::npos);
  CHECK(here.server.images() == 0);
}

TEST_CASE("a wrong key ends the run after one request, and a robots.txt that forbids is heeded") {
  const web_place here;
  for (const auto& command :
       {here.query("plain", {}),
        std::vector<std::string>{"classify", trained_models().path("plain"), "/1/item_1000", "/1/item_1001",
                                 "/1/item_1002", "--endpoint", here.server.origin()}}) {
    const auto before = here.server.searches();
    const auto end = test::run_eucv(command, {.environment = {{"EUROPEANA_API_KEY", "wrong-key-of-tests"}}});
    CHECK(end.status == 1);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK(end.err.find("wrong-key-of-tests") == std::string::npos);
    CHECK(here.server.searches() == before + 1);
  }
  const web_place closed(30, {.robots = "User-agent: *\nDisallow: /"});
  const auto end = closed.run(closed.query("plain", {"--limit", "2"}));
  CHECK(end.err.find("2 files: robots_disallowed\n") != std::string::npos);
  CHECK(closed.server.images() == 0);
}

TEST_CASE("annotations need a model that says when it is to be believed, and state what is new alone") {
  const web_place here;
  const auto refused = here.run(here.query("plain", {"--format", "annotations"}));
  CHECK(refused.status == 1);
  CHECK(refused.last_line().find("--min-probability") != std::string::npos);
  CHECK(refused.out.empty());

  const auto expected = expected_of(here, 0.4);
  REQUIRE(expected.size() > 8);
  const auto loose = here.run(here.query("plain", {"--format", "annotations", "--min-probability", "0.4"}));
  CHECK(loose.status == 3);
  CHECK(stated_in(loose.out) == expected);

  // Maps alone are automatic in the other model.
  auto maps = expected;
  std::erase_if(maps, [](const auto& entry) { return entry.second != map_uri; });
  const auto sure = here.run(here.query("sure", {"--format", "annotations"}));
  CHECK(stated_in(sure.out) == maps);
  const auto one = eucv::europeana::parse_annotation(lines_of(sure.out).at(0), "a line");
  CHECK(one.generator == eucv::europeana::model_uri(eucv::classify::model_digest(trained_models().folder / "sure")));
  CHECK(one.image.starts_with(here.server.origin() + "/images/"));

  // A picture of no record cannot be annotated, the same record twice is annotated once.
  const std::string map_id = one.item.substr(std::string("http://data.europeana.eu/item").size());
  const auto mixed =
      here.run({"classify", trained_models().path("sure"), map_id, (here.folder / "0.jpg").string(), map_id,
                "--endpoint", here.server.origin(), "--allow-private-addresses", "--format", "annotations"});
  CHECK(mixed.status == 3);
  CHECK(mixed.err.find("1 file: invalid_argument\n") != std::string::npos);
  CHECK(lines_of(mixed.out).size() == 1);
  for (const char* option : {"--out", "--min-probability"})
    CHECK(here.run(here.query("sure", {option, "0.5"})).status == 2);
}

TEST_CASE("a folder of annotations keeps the evidence, and a second run fetches and states nothing again") {
  const web_place here;
  const std::string out = (here.folder / "out").string();
  const std::vector<std::string> how{"--format", "annotations", "--min-probability", "0.4", "--out", out};
  const auto first = here.run(here.query("plain", how));
  CAPTURE(first.err);
  CHECK(first.status == 3);
  const auto annotations = eucv::read_file(here.folder / "out/annotations.jsonl"),
             evidence = eucv::read_file(here.folder / "out/evidence.jsonl");
  CHECK(stated_in(annotations) == expected_of(here, 0.4));
  for (const auto& line : lines_of(evidence)) {
    const auto all = eucv::enrich::parse_evidence(line, "a line");
    CHECK(all.model == eucv::classify::model_digest(trained_models().folder / "plain"));
    CHECK(all.data_set.find("bytes") != std::string::npos);
    const auto number = std::stoul(all.id.substr(all.id.rfind('_') + 1)) - 1000;
    CHECK(all.image == here.image(number));
    CHECK(all.sha256 == eucv::sha256_text(eucv::read_file(here.folder / (std::to_string(number) + ".jpg"))));
  }
  const auto images = here.server.images();
  const auto second = here.run(here.query("plain", how));
  CHECK(second.err.find("0 new statements on 0 records") != std::string::npos);
  CHECK(here.server.images() == images + 3); // those that failed are tried again
  CHECK(eucv::read_file(here.folder / "out/annotations.jsonl") == annotations);
  CHECK(eucv::read_file(here.folder / "out/evidence.jsonl") == evidence);

  // Another model looks at all of it, and repeats nothing.
  (void)here.run(here.query("sure", {"--format", "annotations", "--out", out}));
  CHECK(here.server.images() >= images + 3 + 26);
  CHECK(stated_in(eucv::read_file(here.folder / "out/annotations.jsonl")) == expected_of(here, 0.4));
}

TEST_CASE("a run that is killed or interrupted goes on, and leaves whole lines") {
  const web_place here(90, {.image_delay = std::chrono::milliseconds(30)});
  const auto expected = expected_of(here, 0.4);
  for (const int signal : {SIGKILL, SIGINT, SIGTERM}) {
    CAPTURE(signal);
    const auto out = here.folder / ("out" + std::to_string(signal));
    const auto command = here.query(
        "plain", {"--format", "annotations", "--min-probability", "0.4", "--out", out.string(), "--per-host", "2"});
    {
      test::process run(EUCV_PROGRAM, command, test::with_key(here.server));
      REQUIRE(run.until([&] {
        std::error_code none;
        return std::filesystem::exists(out / "evidence.jsonl", none) &&
               std::filesystem::file_size(out / "evidence.jsonl", none) > 5000;
      }));
      run.send(signal);
      const auto end = run.wait();
      CHECK(end.status == (signal == SIGKILL ? 128 + SIGKILL : 130));
      if (signal != SIGKILL) {
        CHECK(test::is_failure_line(end.last_line()));
        CHECK(stated_in(eucv::read_file(out / "annotations.jsonl")).size() < expected.size());
      }
    }
    CHECK(here.run(command).status == 3);
    CHECK(stated_in(eucv::read_file(out / "annotations.jsonl")) == expected);
  }
  // What goes to stdout is whole as well.
  test::process run(EUCV_PROGRAM, here.query("plain", {"--format", "jsonl", "--per-host", "2"}),
                    test::with_key(here.server));
  const auto begun = here.server.images();
  REQUIRE(run.until([&] { return here.server.images() > begun + 50; }));
  run.send(SIGINT);
  const auto end = run.wait();
  CHECK(end.status == 130);
  for (const auto& line : lines_of(end.out)) CHECK_NOTHROW((void)eucv::parse_json(line, "a line"));
}
