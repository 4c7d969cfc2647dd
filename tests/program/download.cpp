// eucv download against an image host on loopback: typed failures, killed, interrupted, resumed.
#include "support/picture_folder.hpp"
#include "support/run_eucv.hpp"
#include "support/temporary_folder.hpp"

#include <eucv/core/file.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/image/decode.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace {

constexpr const char* concepts[] = {"http://data.europeana.eu/concept/43", "http://data.europeana.eu/concept/47"};

// Pictures on disk, a replay that serves them, and the table of their addresses.
struct place {
  test::temporary_folder folder;
  replay::server server;
  explicit place(replay::server_options options = {}, std::size_t count = 60)
      : server(collection(folder.path(), count), std::move(options)) {
    std::string table = "category,skos_concept,ID,URL,rights\n";
    for (std::size_t i = 0; i < count; ++i)
      table += std::string(i % 2 == 0 ? "map," : "painting,") + concepts[i % 2] + ",/1/item_" +
               std::to_string(1000 + i) + "," + server.origin() + "/images/" + std::to_string(i) + "/" +
               std::to_string(i) + ".jpg,open\n";
    eucv::write_file_atomically(folder / "table.csv", table);
  }
  static replay::collection collection(const std::filesystem::path& folder, std::size_t count) {
    std::vector<replay::item> items;
    for (std::size_t i = 0; i < count; ++i) {
      replay::item item;
      item.id = "/1/item_" + std::to_string(1000 + i);
      item.file = folder / (std::to_string(i) + ".jpg");
      eucv::write_file_atomically(item.file, eucv::image::encode_jpeg(test::coloured_picture(i % 2, i)));
      if (i == 3 || i == 4) item.answer = replay::picture::missing;
      if (i == 5) item.answer = replay::picture::page;
      items.push_back(item);
    }
    return replay::collection(std::move(items));
  }

  [[nodiscard]] std::vector<std::string> command(const char* images = "images") const {
    return {"download", (folder / "table.csv").string(), "--out", (folder / images).string(), "--size",
            "24",       "--allow-private-addresses"};
  }
  // downloads.csv but for the times.
  [[nodiscard]] std::string facts(const char* images = "images") const {
    auto table = eucv::dataset::read_table(folder / images / "downloads.csv");
    const std::size_t seconds = table.column("seconds"), attempts = table.column("attempts");
    for (auto& row : table.rows) row[seconds] = row[attempts] = "";
    return eucv::dataset::to_csv(table);
  }
  [[nodiscard]] std::ptrdiff_t parts() const {
    std::ptrdiff_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      count += entry.path().extension() == ".part" ? 1 : 0;
    return count;
  }
};

} // namespace

TEST_CASE("a download stores images, counts failures by reason with status 3, and has nothing left to do") {
  const place here;
  const auto first = test::run_eucv(here.command());
  CAPTURE(first.err);
  CHECK(first.status == 3);
  CHECK(first.out.find("57 images in ") != std::string::npos);
  CHECK(first.out.find("http_404          2") != std::string::npos);
  CHECK(first.out.find("not_an_image      1") != std::string::npos);
  const auto table = eucv::dataset::read_table(here.folder / "images" / "downloads.csv");
  REQUIRE(table.rows.size() == 60);
  const auto stored = here.folder / "images" / table.rows[0][table.column("file")];
  const auto picture = eucv::image::decode(eucv::read_file(stored));
  REQUIRE(picture.has_value());
  CHECK(std::min(picture->width, picture->height) == 24);

  const auto asked = here.server.images();
  const auto second = test::run_eucv(here.command());
  CHECK(second.status == 3);
  CHECK(second.out.find("nothing was left to do") != std::string::npos);
  CHECK(here.server.images() == asked);

  auto again = here.command();
  again.emplace_back("--retry-failed");
  CHECK(test::run_eucv(again).status == 3);
  CHECK(here.server.images() == asked + 3);
}

TEST_CASE("the original size keeps the bytes as they came") {
  const place here({}, 3);
  auto command = here.command();
  command[5] = "original";
  CHECK(test::run_eucv(command).status == 0);
  const auto table = eucv::dataset::read_table(here.folder / "images" / "downloads.csv");
  CHECK(eucv::read_file(here.folder / "images" / table.rows[0][table.column("file")]) ==
        eucv::read_file(here.folder / "0.jpg"));
}

TEST_CASE("without leave a private address is refused, typed, and never asked") {
  const place here({}, 3);
  auto command = here.command();
  command.pop_back();
  const auto end = test::run_eucv(command);
  CHECK(end.status == 3);
  CHECK(end.out.find("private_address      3") != std::string::npos);
  CHECK(here.server.images() == 0);
}

TEST_CASE("a download that is killed, or interrupted, goes on and ends in the same files and rows") {
  const place here({.image_delay = std::chrono::milliseconds(10)});
  REQUIRE(test::run_eucv(here.command("whole")).status == 3);
  for (const int signal : {SIGKILL, SIGINT}) {
    CAPTURE(signal);
    const std::string images = "signal" + std::to_string(signal);
    const auto before = here.server.images();
    {
      test::process run(EUCV_PROGRAM, here.command(images.c_str()));
      REQUIRE(run.until([&] { return here.server.images() >= before + 20; }));
      run.send(signal);
      const auto end = run.wait();
      CHECK(end.status == (signal == SIGKILL ? 128 + SIGKILL : 130));
      if (signal == SIGINT) CHECK(test::is_failure_line(end.last_line()));
    }
    const auto resumed = test::run_eucv(here.command(images.c_str()));
    CHECK(resumed.status == 3);
    CHECK(here.server.images() - before < 60 + 40); // what had been stored was not asked for again
    CHECK(here.facts(images.c_str()) == here.facts("whole"));
    CHECK(here.parts() == 0);
  }
}

TEST_CASE("what stands in the way of a download is said in the last line, with status 1") {
  const place here({}, 6);
  const auto fails = [&](std::vector<std::string> command, const test::surroundings& around, const char* expected) {
    const auto end = test::run_eucv(std::move(command), around);
    CAPTURE(end.err);
    CHECK(end.status == 1);
    CHECK(test::is_failure_line(end.last_line()));
    CHECK(end.last_line().find(expected) != std::string::npos);
    CHECK(here.parts() == 0);
  };
  auto command = here.command();
  eucv::write_file_atomically(here.folder / "no_url.csv", "category,ID\nmap,/1/a\n");
  command[1] = (here.folder / "no_url.csv").string();
  fails(command, {}, "URL");
  command[1] = (here.folder / "nowhere.csv").string();
  fails(command, {}, "nowhere.csv");
  command = here.command();
  command[3] = "/proc/no-folder";
  fails(command, {}, "/proc/no-folder");

  test::surroundings full;
  full.before = [] { // no file may grow beyond 300 bytes
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{300, 300};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  fails(here.command(), full, "write");
  CHECK(test::run_eucv(here.command()).status == 3);
}

TEST_CASE("robots.txt is honoured, and ignored only loudly") {
  const place here({.robots = "User-agent: *\nDisallow: /images/1\n"}, 20);
  auto command = here.command();
  const auto honoured = test::run_eucv(command);
  CHECK(honoured.status == 3);
  CHECK(honoured.out.find("robots_disallowed     11") != std::string::npos); // 1, 10 to 19
  CHECK(honoured.err.find("14 of 20 items") == std::string::npos);           // so few items say nothing of the whole
  command.insert(command.end(), {"--ignore-robots", "--retry-failed"});
  const auto ignored = test::run_eucv(command);
  CHECK(ignored.err.find("eucv: warning: --ignore-robots") != std::string::npos);
  CHECK(ignored.out.find("17 images in ") != std::string::npos);
}

TEST_CASE("unusual failures are told at the end, with what to do") {
  const place here({.robots = "User-agent: *\nDisallow: /\n"}, 30);
  const auto end = test::run_eucv(here.command());
  CHECK(end.status == 3);
  CHECK(end.err.find("eucv: warning: 30 of 30 items failed, most often by robots_disallowed; ") != std::string::npos);
  CHECK(end.err.find("all 30 items of the host 127.0.0.1 failed") != std::string::npos);
}

TEST_CASE("a second download into the same folder says so and stops, the first goes on") {
  const place here({.image_delay = std::chrono::milliseconds(20)});
  test::process first(EUCV_PROGRAM, here.command());
  REQUIRE(first.until([&] { return here.server.images() >= 4; }));
  const auto second = test::run_eucv(here.command());
  CHECK(second.status == 1);
  CHECK(test::is_failure_line(second.last_line()));
  CHECK(second.last_line().find("another process works on it") != std::string::npos);
  CHECK(first.wait().status == 3);
}

TEST_CASE("a contact that fits into no header is wrong usage") {
  const place here({}, 1);
  auto command = here.command();
  command.insert(command.end(), {"--contact", "a\nX-Evil: b"});
  CHECK(test::run_eucv(command).status == 2);
}

namespace {

// A trace of strace -f, in which a call may be two lines: where it begins, and where it is over.
struct traced_call {
  std::string text;
  std::size_t begin, end; // numbers of lines
};

std::vector<traced_call> traced_calls(const std::string& trace) {
  std::vector<traced_call> calls;
  std::map<std::string, std::size_t> unfinished; // by thread
  std::istringstream lines(trace);
  std::string line;
  for (std::size_t number = 0; std::getline(lines, line); ++number) {
    const std::string thread = line.substr(0, line.find(' '));
    if (line.find(" resumed>") != std::string::npos) {
      if (const auto begun = unfinished.extract(thread)) calls[begun.mapped()].end = number;
      continue;
    }
    calls.push_back({line, number, number});
    if (line.find("<unfinished ...>") != std::string::npos) unfinished[thread] = calls.size() - 1;
  }
  return calls;
}

// Downloads `items` under strace, and holds the order of its calls against the rule; says why where it cannot.
void check_order_of_calls(std::size_t items, const std::string& jobs) {
  if (!std::filesystem::exists("/usr/bin/strace")) {
    MESSAGE("strace is not here: not looked at");
    return;
  }
  const place here({}, items);
  const std::string trace = (here.folder / "trace").string();
  std::vector<std::string> command{"-f", "-y",  "-s",        "256", "-e", "trace=write,fsync,syncfs,rename",
                                   "-o", trace, EUCV_PROGRAM};
  for (const auto& word : here.command()) command.push_back(word);
  command.insert(command.end(), {"--jobs", jobs, "--per-host", "16"});
  // LeakSanitizer does not work under a tracer.
  const auto end =
      test::process("/usr/bin/strace", command, {.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}}}).wait();
  const std::string seen = std::filesystem::exists(trace) ? eucv::read_file(trace) : "";
  if (seen.find("rename(") == std::string::npos) {
    MESSAGE("strace may not trace here: not looked at");
    return;
  }
  CHECK((end.status == 0 || end.status == 3));
  const auto calls = traced_calls(seen);
  const auto table = eucv::dataset::read_table(here.folder / "images" / "downloads.csv");
  // Whether a sync of `path`, or of its file system, lies wholly between two calls.
  const auto synced = [&](const std::string& path, const traced_call& after, const traced_call& before) {
    return std::ranges::any_of(calls, [&](const traced_call& call) {
      const bool of_it =
          call.text.find(" syncfs(") != std::string::npos ||
          (call.text.find(" fsync(") != std::string::npos && call.text.find('<' + path + '>') != std::string::npos);
      return of_it && call.begin > after.end && call.end < before.begin;
    });
  };
  std::size_t looked_at = 0;
  for (const auto& row : table.rows) {
    if (row[table.column("status")] != "ok") continue;
    const std::string path = (here.folder / "images" / row[table.column("file")]).string();
    CAPTURE(path);
    const auto find = [&](const std::string& name, const std::string& detail) {
      return std::ranges::find_if(calls, [&](const traced_call& call) {
        return call.text.find(name) != std::string::npos && call.text.find(detail) != std::string::npos;
      });
    };
    const auto written = find(" write(", '<' + path + ".part>");
    const auto renamed = find(" rename(", '"' + path + ".part\", \"" + path + '"');
    const auto told = find("downloads.csv>, \"" + row[table.column("ID")], "");
    REQUIRE(written != calls.end());
    REQUIRE(renamed != calls.end());
    REQUIRE(told != calls.end());
    CHECK(synced(path + ".part", *written, *renamed));
    CHECK(synced(std::filesystem::path(path).parent_path().string(), *renamed, *told));
    ++looked_at;
  }
  CHECK(looked_at > items * 5 / 6);
  if (items > 3 && seen.find(" syncfs(") == std::string::npos)
    MESSAGE("no group of more than three files came together");
}

} // namespace

TEST_CASE("data before state: bytes are synced before the name is given, and that before the row, in groups as well") {
  check_order_of_calls(3, "1");
  check_order_of_calls(60, "48");
}

TEST_CASE("a check of the header keeps what decoding would refuse, and says so by an empty hash") {
  const place here({}, 12);
  auto command = here.command();
  *std::ranges::find(command, "24") = "original";
  command.insert(command.end(), {"--check", "header"});
  CHECK(test::run_eucv(command).status == 3); // missing pictures and a page are refused all the same
  const auto table = eucv::dataset::read_table(here.folder / "images" / "downloads.csv");
  std::size_t stored = 0;
  for (const auto& row : table.rows) {
    CHECK(row[table.column("dhash")].empty());
    if (row[table.column("status")] != "ok") continue;
    ++stored;
    CHECK(row[table.column("sha256")].size() == 64);
    CHECK(row[table.column("width")] != "");
  }
  CHECK(stored == 9);
  // Pictures that were looked at and others that were decoded do not come into one folder.
  command.back() = "decode";
  const auto mixed = test::run_eucv(command);
  CHECK(mixed.status == 1);
  CHECK(mixed.err.find("stored in another way") != std::string::npos);
  command.back() = "nothing";
  CHECK(test::run_eucv(command).status == 2);
  command.back() = "header";
  *std::ranges::find(command, "original") = "24";
  const auto pointless = test::run_eucv(command);
  CHECK(pointless.status == 2);
  CHECK(pointless.err.find("--size original") != std::string::npos);
}
