#pragma once

#include "program/download_warnings.hpp"
#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/core/version.hpp>
#include <eucv/dataset/table.hpp>
#include <eucv/download/fetch.hpp>
#include <eucv/download/source.hpp>
#include <eucv/europeana/thumbnail.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <iostream>
#include <string>
#include <utility>

namespace program {

struct download_options : common_options {
  std::string table, out, size = "256", source = "original", check = "decode", contact;
  std::size_t jobs = 64, per_host = 4, delay = 0;
  bool retry_failed = false, allow_private_addresses = false, ignore_robots = false;
};

namespace detail {

/// The number in `--size`; 0 for "original".
inline std::size_t parse_size(const std::string& text) {
  std::size_t size = 0;
  if (text == "original") return 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (code != std::errc() || end != text.data() + text.size() || size == 0 || size > 65'535)
    throw eucv::error(eucv::errc::invalid_argument,
                      {"read --size", "\"" + text + "\"", "it is neither a number of pixels nor the word original",
                       "write --size 256 or --size original"});
  return size;
}

inline eucv::download::picture_source parse_source(const std::string& text) {
  using eucv::download::picture_source;
  return text == "iiif"        ? picture_source::iiif
         : text == "thumbnail" ? picture_source::thumbnail
                               : picture_source::original;
}

/// Refuses what would not fit into the header field User-Agent.
inline void check_contact(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e || c == '(' || c == ')')
      throw eucv::error(eucv::errc::invalid_argument,
                        {"read --contact", "\"" + text + "\"", "it holds brackets or what is no plain ASCII",
                         "write --contact mailto:you@museum.example, or the address of a page"});
}

inline std::string user_agent(const std::string& contact) {
  return contact.empty() ? std::string("eucv/" EUCV_VERSION) : "eucv/" EUCV_VERSION " (+" + contact + ")";
}

} // namespace detail

inline void describe_download(CLI::App& command, download_options& options) {
  command.add_option("table", options.table, "The table: CSV with the columns category, ID and URL")
      ->type_name("DATASET.csv")
      ->required();
  command.add_option("--out", options.out, "Folder for the images and downloads.csv")->required();
  command.add_option("--size", options.size, "Pixels of the shorter side, or \"original\" for the bytes as they came")
      ->check(checked_by([](const std::string& text) { (void)detail::parse_size(text); }))
      ->capture_default_str();
  command.add_option("--jobs", options.jobs, "Requests at a time")->check(CLI::Range(1, 1024))->capture_default_str();
  command.add_option("--per-host", options.per_host, "Requests at a time to one host")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--delay", options.delay, "Milliseconds at least between two requests to one host")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  command
      .add_option("--source", options.source,
                  "original; iiif: a smaller size where the museum scales images; thumbnail: Europeana's, 400 wide")
      ->check(CLI::IsMember({"original", "iiif", "thumbnail"}))
      ->capture_default_str();
  command
      .add_option(
          "--check", options.check,
          "How deep a picture is looked into. decode: every code of it; header, with --size original: type, size and "
          "marks")
      ->check(CLI::IsMember({"decode", "header"}))
      ->capture_default_str();
  command.add_option("--contact", options.contact, "How to reach you, for the hosts: an address for mail, or a page")
      ->check(checked_by(detail::check_contact));
  command.add_flag("--ignore-robots", options.ignore_robots,
                   "Read neither robots.txt nor X-Robots-Tag: only with leave of the hosts");
  command.add_flag("--retry-failed", options.retry_failed, "Fetch those again that failed in an earlier run");
  command.add_flag("--allow-private-addresses", options.allow_private_addresses,
                   "Fetch from private and loopback addresses too: only for a table that you trust");
}

/// `eucv download`: fetches the images of a table; run again to resume.
inline status download(const download_options& options) {
  if (options.check == "header" && detail::parse_size(options.size) != 0)
    return fail("download: --check header is for --size original; a picture of another size is decoded to make it",
                status::usage);
  eucv::download::fetch_job job;
  job.table = eucv::dataset::read_table(options.table);
  job.folder = options.out;
  job.options.jobs = options.jobs;
  job.options.politeness.per_host = options.per_host;
  job.options.politeness.least_delay = std::chrono::milliseconds(options.delay);
  job.options.threads = options.threads;
  job.options.picture.size = detail::parse_size(options.size);
  if (options.check == "header") job.options.picture.check = eucv::download::picture_check::header;
  if (options.ignore_robots) {
    job.options.robots = eucv::crawl::robots_rule::ignore;
    warn("--ignore-robots: robots.txt and X-Robots-Tag are not read; be sure to have leave of every host in the table");
  }
  job.options.source = detail::parse_source(options.source);
  eucv::download::choose_source(job.table,
                                {job.options.source, job.options.picture.size, eucv::europeana::thumbnail_of});
  job.options.failed = options.retry_failed ? eucv::download::failures::retry : eucv::download::failures::keep;
  job.options.seed = options.seed;

  eucv::net::client_options connection;
  connection.connections_per_origin = options.per_host;
  connection.idle_connections = options.jobs;
  connection.user_agent = detail::user_agent(options.contact);
  if (options.allow_private_addresses) connection.addresses = eucv::net::address_rule::any;
  eucv::net::client transport(connection);

  progress_display display(options.progress());
  const auto done = eucv::net::run(eucv::download::fetch(transport, std::move(job), display.sink()));
  display.clear();
  std::cout << counted(done.ok, "image") << " in " << options.out << ", " << counted(done.duplicates, "duplicate")
            << ", " << done.failed << " failed";
  if (done.fetched == 0)
    std::cout << "; nothing was left to do\n";
  else
    std::cout << "; " << done.fetched << " fetched now, " << fixed(static_cast<double>(done.bytes) / 1e6, 1)
              << " MB stored\n";
  if (done.failed == 0) return status::done;
  aligned_table reasons({"reason", ">items"});
  for (const auto& [reason, count] : done.reasons) reasons.add({reason, std::to_string(count)});
  std::cout << reasons;
  for (const auto& text : download_warnings(done)) warn(text);
  return status::incomplete;
}

} // namespace program
