// The program killed at random moments, and on a disk that fails at each of its calls: whatever happens, no table
// promises a file that is not there, and the same command ends where an unbroken run ends.
//
// A few dozen of each by default, and a few of a training. EUCV_TEST_KILLS=1000 kills so often, EUCV_TEST_DISK=1 lets
// every single call fail.
#include "support/picture_folder.hpp"
#include "support/road.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/core/random.hpp>
#include <eucv/train/history.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using clock_type = std::chrono::steady_clock;

std::size_t wanted_kills(std::size_t otherwise) {
  const char* const text = std::getenv("EUCV_TEST_KILLS");
  return text == nullptr ? otherwise : std::stoul(text);
}

double seconds_of(const std::vector<std::string>& command, const test::surroundings& around) {
  const auto begin = clock_type::now();
  const auto end = test::run_eucv(command, around);
  CAPTURE(end.err);
  REQUIRE((end.status == 0 || end.status == 3));
  return std::chrono::duration<double>(clock_type::now() - begin).count();
}

// Starts the command again and again, and kills it at a random moment of the time that a whole run takes, until it
// comes to its end by itself. Returns the kills.
template <class Check>
std::size_t kill_until_done(const std::vector<std::string>& command, const test::surroundings& around, double seconds,
                            eucv::random& engine, Check&& after_kill) {
  for (std::size_t kills = 0;; ++kills) {
    test::process run(EUCV_PROGRAM, command, around);
    const auto moment = clock_type::now() + std::chrono::duration_cast<clock_type::duration>(
                                                std::chrono::duration<double>(engine.uniform(0.0, seconds)));
    if (!run.until([&] { return clock_type::now() >= moment; })) {
      const auto end = run.wait();
      CAPTURE(end.err);
      REQUIRE((end.status == 0 || end.status == 3));
      return kills;
    }
    run.send(SIGKILL);
    (void)run.wait();
    after_kill();
  }
}

} // namespace

TEST_CASE("a harvest, a download and shards that are killed at random moments end in the bytes of an unbroken run") {
  const test::road here(60,
                        {.search_delay = std::chrono::milliseconds(3), .image_delay = std::chrono::milliseconds(2)});
  eucv::make_folder(here.path("whole"));
  const double harvest_time = seconds_of(here.harvest("whole"), here.with_key());
  const double download_time = seconds_of(here.download("whole", "whole_images"), {});
  const double shards_time = seconds_of(here.shards("whole_images", "whole_shards"), {});
  const std::string table = eucv::read_file(here.path("whole") / "all.csv");
  const std::string rows = here.downloaded("whole_images"), files = here.files("whole_images");
  REQUIRE(table.size() > 60 * 100);
  REQUIRE(files.size() > 50 * 64);
  const std::string shards = here.files("whole_shards");
  REQUIRE(shards.size() > 14 * 64);
  // A shard that stands under its own name is whole; the list of them is there last, and only beside all.
  const auto shards_keep_their_word = [&](const std::string& name) {
    for (const auto& found : std::filesystem::directory_iterator(here.path(name))) {
      const auto file = found.path().filename();
      if (file.extension() == ".part" || file.string().front() == '.') continue;
      CAPTURE(file);
      const bool same = eucv::read_file(found.path()) == eucv::read_file(here.path("whole_shards") / file);
      CHECK(same);
      if (file != "shards.json") continue; // a run after the last one may be writing it once more beside it
      for (const auto& other : std::filesystem::directory_iterator(here.path("whole_shards")))
        CHECK(std::filesystem::exists(here.path(name) / other.path().filename()));
    }
  };

  eucv::random engine(4711);
  std::size_t harvest_kills = 0, download_kills = 0, shards_kills = 0, runs = 0, most_repeated = 0;
  while (harvest_kills + download_kills + shards_kills < wanted_kills(30)) {
    const std::string name = "run" + std::to_string(runs++), images = name + "_images", packed = name + "_shards";
    eucv::make_folder(here.path(name));
    harvest_kills += kill_until_done(here.harvest(name), here.with_key(), harvest_time, engine, [] {});
    const bool same_table = eucv::read_file(here.path(name) / "all.csv") == table;
    CHECK(same_table);

    // No run asks for what had its row before; requests under way at a kill, up to four, may arrive behind it.
    const std::size_t asked_before = here.server().images();
    std::size_t asked = asked_before, had_rows = 0, late = 0;
    const auto only_asked_for_the_rest = [&] {
      CHECK(here.server().images() - asked <= 60 - had_rows + late);
      asked = here.server().images();
      had_rows = here.rows_of_downloads(images);
      late = 4;
    };
    download_kills += kill_until_done(here.download(name, images), {}, download_time, engine, [&] {
      CHECK(here.broken_promises(images).empty());
      only_asked_for_the_rest();
    });
    only_asked_for_the_rest();
    CHECK(had_rows == 60);
    most_repeated = std::max(most_repeated, here.server().images() - asked_before - 60);
    CHECK(here.downloaded(images) == rows);
    CHECK(here.files(images) == files);

    eucv::make_folder(here.path(packed));
    shards_kills += kill_until_done(here.shards("whole_images", packed), {}, shards_time, engine,
                                    [&] { shards_keep_their_word(packed); });
    CHECK(here.files(packed) == shards);
    for (const auto& folder : {name, images, packed}) std::filesystem::remove_all(here.path(folder));
  }
  MESSAGE(harvest_kills << " kills of a harvest, " << download_kills << " of a download, " << shards_kills
                        << " of shards, in " << runs << " runs; at most " << most_repeated
                        << " requests of a run were repeated");
}

namespace {

// The files of a model by name: their bytes, but for the seconds that an epoch took.
std::map<std::string, std::string> model_files(const std::filesystem::path& model) {
  std::map<std::string, std::string> files;
  for (const auto& found : std::filesystem::recursive_directory_iterator(model)) {
    const auto name = found.path().lexically_relative(model).string();
    files[name] = found.is_regular_file() ? eucv::read_file(found.path()) : "";
    if (name != "history.csv") continue;
    auto history = eucv::train::parse_history(files[name], name);
    for (auto& row : history) row.seconds = 0;
    files[name] = eucv::train::history_csv(history);
  }
  return files;
}

} // namespace

TEST_CASE("a training that is killed at random moments ends in the model of an unbroken run") {
  const test::temporary_folder folder;
  test::write_picture_folder(folder / "images", 14);
  const auto training = [&](const std::string& model, const std::vector<std::string>& more) {
    std::vector<std::string> command{
        "train", folder / "images", "--out", folder / model, "--size", "24",     "--epochs",
        "6",     "--batch",         "6",     "--seed",       "3",      "--quiet"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  const std::vector<std::string> recipes[] = {{},
                                              {"--optimizer", "sgd", "--lr", "0.05", "--mixup", "0.2", "--erase",
                                               "0.25", "--shift", "0.1", "--weight-average", "0.9", "--accumulate", "2",
                                               "--balance", "sampling"},
                                              {"--head-epochs", "4", "--layer-decay", "0.8", "--monitor", "last"}};
  eucv::random engine(815);
  std::size_t kills = 0, runs = 0;
  std::map<std::size_t, std::pair<double, std::map<std::string, std::string>>> whole;
  for (; kills < wanted_kills(3) || runs < std::size(recipes); ++runs) {
    const std::size_t which = runs % std::size(recipes);
    CAPTURE(which);
    if (!whole.contains(which)) {
      const double seconds = seconds_of(training("whole", recipes[which]), {});
      whole[which] = {seconds, model_files(folder / "whole")};
      REQUIRE(whole[which].second.size() == 5);
      std::filesystem::remove_all(folder / "whole");
    }
    const auto& [seconds, files] = whole[which];
    // What stands in the folder under the name of a result is a whole one.
    const auto keeps_its_word = [&] {
      for (const char* name : {"weights.safetensors", "last.safetensors", "model.json", "metrics.json"}) {
        CAPTURE(name);
        const auto file = folder / "model" / name;
        const bool same = !std::filesystem::exists(file) || eucv::read_file(file) == files.at(name);
        CHECK(same);
      }
    };
    kills += kill_until_done(training("model", recipes[which]), {}, seconds, engine, keeps_its_word);
    const auto found = model_files(folder / "model");
    REQUIRE(found.size() == files.size());
    for (const auto& [name, bytes] : files) {
      CAPTURE(name);
      const bool same = found.contains(name) && found.at(name) == bytes;
      CHECK(same);
    }
    std::filesystem::remove_all(folder / "model");
  }
  MESSAGE(kills << " kills of a training in " << runs << " runs");
}

#ifdef EUCV_FAILING_CALLS

namespace {

struct failing_call {
  std::string_view kind;
  int reason;
};
constexpr std::array failing_calls{failing_call{"open", EACCES}, failing_call{"write", ENOSPC},
                                   failing_call{"write", EIO},   failing_call{"short", 0},
                                   failing_call{"fsync", EIO},   failing_call{"rename", EDQUOT},
                                   failing_call{"close", EIO},   failing_call{"ftruncate", EIO}};
// Between any two steps of a file on its way to the disk, and of its row.
constexpr std::array killing_calls{failing_call{"open", -1}, failing_call{"write", -1}, failing_call{"fsync", -1},
                                   failing_call{"rename", -1}, failing_call{"close", -1}};

// Runs `command`, which works in the folder `name`, with one of `planned` failing after another, until there are no
// more of them; after each fault `check(status)`, then the folder is emptied. Returns how many calls failed.
template <class Check>
std::size_t with_each_call_failing(const test::road& here, const std::vector<std::string>& command,
                                   const test::surroundings& usual, const std::string& name, Check&& check,
                                   std::span<const failing_call> planned = failing_calls) {
  const bool every_one = std::getenv("EUCV_TEST_DISK") != nullptr;
  std::size_t faults = 0;
  for (const auto& [kind, reason] : planned)
    for (std::size_t n = 1;; n += every_one ? 1 : 1 + n / 2) {
      CAPTURE(kind);
      CAPTURE(n);
      test::surroundings around = usual;
      const auto mark = here.path("mark");
      around.environment.insert(
          {{"LD_PRELOAD", EUCV_FAILING_CALLS},
           {"EUCV_FAILING_CALL", std::string(kind) + ':' + std::to_string(n) + ':' + std::to_string(reason)},
           {"EUCV_FAILING_UNDER", here.path(name)},
           {"EUCV_FAILING_MARK", mark}});
      eucv::make_folder(here.path(name));
      const auto end = test::run_eucv(command, around);
      const bool reached = std::filesystem::remove(mark);
      if (reached) {
        CAPTURE(end.err);
        ++faults;
        if (reason < 0)
          CHECK(end.status == 128 + SIGKILL);
        else
          CHECK((end.status == 0 || end.status == 1 || end.status == 3));
        if (end.status == 1) CHECK(test::is_failure_line(end.last_line()));
        check(end.status);
      }
      std::filesystem::remove_all(here.path(name));
      if (!reached) break;
    }
  return faults;
}

} // namespace

TEST_CASE("on a disk that fails at any one call no table lies, and the same command then ends as ever") {
  const test::road here(16);
  eucv::make_folder(here.path("whole"));
  REQUIRE(test::run_eucv(here.harvest("whole"), here.with_key()).status == 0);
  REQUIRE(test::run_eucv(here.download("whole", "whole_images")).status == 3);
  const std::string table = eucv::read_file(here.path("whole") / "all.csv");
  const std::string rows = here.downloaded("whole_images"), files = here.files("whole_images");

  const auto harvest = here.harvest("torn");
  const std::size_t in_harvest = with_each_call_failing(here, harvest, here.with_key(), "torn", [&](int status) {
    if (status == 1) CHECK(test::run_eucv(harvest, here.with_key()).status == 0);
    CHECK(eucv::read_file(here.path("torn") / "all.csv") == table);
  });

  const auto download = here.download("whole", "torn");
  const std::size_t in_download = with_each_call_failing(here, download, {}, "torn", [&](int status) {
    CHECK(here.broken_promises("torn").empty());
    if (status == 1) CHECK(test::run_eucv(download).status == 3);
    CHECK(here.downloaded("torn") == rows);
    CHECK(here.files("torn") == files);
  });

  const auto pack = here.shards("whole_images", "torn");
  REQUIRE(test::run_eucv(here.shards("whole_images", "whole_shards")).status == 0);
  const std::string shards = here.files("whole_shards");
  const std::size_t in_shards = with_each_call_failing(here, pack, {}, "torn", [&](int status) {
    if (status == 1) CHECK(test::run_eucv(pack).status == 0);
    CHECK(here.files("torn") == shards);
  });
  CHECK(in_harvest > 10);
  CHECK(in_download > 20);
  CHECK(in_shards > 10);
  MESSAGE(in_harvest << " calls of a harvest failed, " << in_download << " of a download, " << in_shards
                     << " of shards");
}

TEST_CASE("a download that is killed between any two steps of a group of files ends in the bytes of an unbroken one") {
  const test::road here(40);
  eucv::make_folder(here.path("whole"));
  REQUIRE(test::run_eucv(here.harvest("whole"), here.with_key()).status == 0);
  const auto in_groups = [&](const std::string& name) {
    auto command = here.download("whole", name);
    *std::ranges::find(command, "4") = "32";
    command.insert(command.end(), {"--per-host", "32"});
    return command;
  };
  REQUIRE(test::run_eucv(in_groups("whole_images")).status == 3);
  const std::string rows = here.downloaded("whole_images"), files = here.files("whole_images");
  const auto download = in_groups("torn");
  const auto check = [&](int) {
    CHECK(here.broken_promises("torn").empty());
    CHECK(test::run_eucv(download).status == 3);
    CHECK(here.downloaded("torn") == rows);
    CHECK(here.files("torn") == files); // and no temporary file is left
  };
  const std::size_t kills = with_each_call_failing(here, download, {}, "torn", check, killing_calls);
  CHECK(kills > 20);
  MESSAGE(kills << " calls before which a download was killed");
}

#endif
