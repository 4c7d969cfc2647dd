// A canary for a key: whatever a command does, and however it fails, the key stands in nothing that it writes.
#include "support/road.hpp"

#include <eucv/core/file.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace {

constexpr const char* canary = "SECRET-4711-CANARY";

// The files below a folder that hold the key, and "stdout" or "stderr" where a command printed it.
std::vector<std::string> leaks(const test::outcome& end, const std::filesystem::path& folder) {
  std::vector<std::string> found;
  if (end.out.find(canary) != std::string::npos) found.emplace_back("stdout");
  if (end.err.find(canary) != std::string::npos) found.emplace_back("stderr");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().string().find(canary) != std::string::npos) found.push_back(entry.path().string());
    if (entry.is_regular_file() && eucv::read_file(entry.path()).find(canary) != std::string::npos)
      found.push_back(entry.path().string());
  }
  return found;
}

} // namespace

TEST_CASE("the key appears in no output, message or file of any command under any failure") {
  test::road here(40, {.key = canary});
  const auto everything = here.path("");
  eucv::make_folder(here.path("a"));
  const auto table = (here.path("a") / "all.csv").string(), images = here.path("images").string(),
             model = here.path("model").string();
  std::size_t looked = 0;
  const auto run = [&](std::vector<std::string> command, int status, const char* key = canary) {
    std::string line;
    for (const auto& word : command) line += word + ' ';
    CAPTURE(line);
    const auto end = test::run_eucv(std::move(command), {.environment = {{"EUROPEANA_API_KEY", key}}});
    CAPTURE(end.err);
    CHECK(end.status == status);
    CHECK(leaks(end, everything).empty());
    ++looked;
  };
  const auto with = [](std::vector<std::string> command, std::vector<std::string> more) {
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  const auto loud = [](std::vector<std::string> command) {
    std::erase(command, "--quiet");
    return command;
  };

  SUBCASE("faults of the service") {
    for (const auto fault : {replay::fault::limit_reached, replay::fault::internal_error, replay::fault::gateway_page,
                             replay::fault::search_timeout})
      here.server().queue(fault);
    run(loud(here.harvest("a")), 0);
    run(loud(here.harvest("a")), 0); // nothing left to do
  }
  SUBCASE("refused keys, endpoints that are none, tables that cannot be written") {
    const std::string longer = std::string(canary) + "-AND-MORE";
    run(here.harvest("a"), 1, longer.c_str());
    auto command = here.harvest("a");
    command.back() = "http://127.0.0.1:1";
    run(with(here.harvest("a"), {"--dry-run"}), 0);
    command.back() = here.server().origin() + "/no/such/page";
    run(command, 1);
    command.back() = here.server().origin() + "/record/v2/search.json?wskey=" + canary;
    // The user wrote the key into the address himself: the refusal must not repeat it.
    run(command, 2);
    command = here.harvest("a");
    command[4] = "/proc/no-folder/all.csv";
    run(command, 1);
    command[2] = table; // no JSON
    run(command, 1);
  }
  SUBCASE("the whole road") {
    run(loud(here.harvest("a")), 0);
    run({"dataset", "stats", table}, 0);
    run({"dataset", "sample", table, "--fraction", "0.3", "--out", here.path("sample.csv").string()}, 0);
    run({"dataset", "subtract", table, here.path("sample.csv").string(), "--out", here.path("rest.csv").string()}, 0);
    run(loud(here.download("a", "images")), 3);
    run(with(loud(here.download("a", "images")), {"--retry-failed"}), 3);
    run({"train", images, "--out", model, "--size", "24", "--epochs", "2", "--batch", "8"}, 0);
    run({"evaluate", model, images, "--json", here.path("figures.json").string()}, 0);
    run({"classify", model, images + "/map", "--format", "jsonl"}, 0);
    run({"classify", model, "no-such-file.jpg"}, 3);
    const std::vector<std::string> query{
        "classify", model, "--query", "*:*", "--endpoint", here.server().origin(), "--allow-private-addresses"};
    run(with(query, {"--format", "jsonl"}), 3);
    run(with(query, {"--format", "annotations", "--min-probability", "0.1", "--out", here.path("stated").string()}), 3);
    run({"classify", model, "/1/item_10000", "/1/no_such", "--endpoint", here.server().origin()}, 3);
    here.server().queue(replay::fault::internal_error);
    run(with(query, {"--limit", "2"}), 0);
    const std::string longer = std::string(canary) + "-AND-MORE";
    run(query, 1, longer.c_str());
  }
  CHECK(looked >= 2);
}
