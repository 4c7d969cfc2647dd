#pragma once

#include "program/download.hpp"
#include "program/options.hpp"
#include "program/picture_paths.hpp"

#include <eucv/classify/classifier.hpp>
#include <eucv/enrich/classify_stream.hpp>
#include <eucv/enrich/named_items.hpp>
#include <eucv/enrich/search_items.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace program {

/// Which pictures a command takes, and how those on the web are fetched.
struct picture_stream_options {
  std::vector<std::string> paths;
  std::string query, reusability = "open", endpoint, contact;
  std::uint64_t limit = 0;
  std::size_t jobs = 64, per_host = 4;
  bool allow_private_addresses = false, ignore_robots = false;
};

inline void describe_picture_stream(CLI::App& command, picture_stream_options& options) {
  command
      .add_option(
          "paths", options.paths,
          "Images, folders of them, http addresses, ids of records (/DATASET/LOCAL), or - for a list of such on "
          "standard input")
      ->type_name("PATH");
  command.add_option("--query", options.query, "Instead: all images of this search, a Lucene expression")
      ->excludes("paths");
  command.add_option("--reusability", options.reusability, "Rights of the search, with commas between")
      ->check(checked_by([](const std::string& text) { (void)eucv::europeana::parse_reusability(text); }))
      ->capture_default_str();
  command.add_option("--limit", options.limit, "Records of the search, at most; 0: all")
      ->check(at_least(0))
      ->capture_default_str();
  command
      .add_option("--endpoint", options.endpoint,
                  "Address of search.json, or an origin alone; one that you name may be private")
      ->check(checked_by([](const std::string& text) { (void)eucv::europeana::search_endpoint(text); }));
  command.add_option("--jobs", options.jobs, "Requests at a time")->check(CLI::Range(1, 256))->capture_default_str();
  command.add_option("--per-host", options.per_host, "Requests at a time to one host")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command.add_option("--contact", options.contact, "How to reach you, for the hosts: an address for mail, or a page")
      ->check(checked_by(detail::check_contact));
  command.add_flag("--ignore-robots", options.ignore_robots,
                   "Read neither robots.txt nor X-Robots-Tag: only with leave of the hosts");
  command.add_flag("--allow-private-addresses", options.allow_private_addresses,
                   "Fetch images from private and loopback addresses too: only where you trust what names them");
}

/// Whether the pictures are known to be those of records.
[[nodiscard]] inline bool names_records(const picture_stream_options& options) {
  return !options.query.empty() || std::ranges::any_of(options.paths, [](const std::string& path) {
    return eucv::enrich::kind_of(path) == eucv::enrich::name_kind::record;
  });
}

/// Classifies the pictures that the options name, and hands each to `sink`, in their order. The API key is read when
/// the first record is asked for.
inline void stream_pictures(const picture_stream_options& options, eucv::classify::classifier& model,
                            const common_options& common, eucv::enrich::classified_sink sink,
                            eucv::enrich::item_filter wanted = {}) {
  using eucv::net::client;
  eucv::net::client_options connection;
  connection.connections_per_origin = options.per_host;
  connection.idle_connections = options.jobs;
  connection.user_agent = detail::user_agent(options.contact);
  if (options.allow_private_addresses) connection.addresses = eucv::net::address_rule::any;
  client web(connection);

  // The service may be a private one that the user named; the addresses of images are written by strangers.
  eucv::net::client_options service_connection;
  service_connection.user_agent = connection.user_agent;
  if (!options.endpoint.empty()) service_connection.addresses = eucv::net::address_rule::any;
  client service_web(service_connection);
  std::optional<eucv::europeana::client<client>> api;
  const std::function<eucv::europeana::client<client>&()> service = [&]() -> eucv::europeana::client<client>& {
    if (!api) {
      api.emplace(service_web, eucv::europeana::api_key_from_environment());
      if (!options.endpoint.empty()) api->at(eucv::europeana::search_endpoint(options.endpoint));
    }
    return *api;
  };

  eucv::enrich::stream_options numbers;
  numbers.jobs = options.jobs;
  numbers.threads = common.threads;
  numbers.seed = common.seed;
  numbers.fetcher.politeness.per_host = options.per_host;
  if (options.ignore_robots) {
    numbers.fetcher.robots = eucv::crawl::robots_rule::ignore;
    warn("--ignore-robots: robots.txt and X-Robots-Tag are not read; be sure to have leave of every host");
  }

  picture_paths paths(options.paths, std::cin);
  const eucv::enrich::name_source names = [&]() -> std::optional<std::string> {
    auto path = paths.next();
    return path ? std::optional(path->string()) : std::nullopt;
  };
  eucv::enrich::search_limits limits;
  limits.reuse = eucv::europeana::parse_reusability(options.reusability);
  limits.most = options.limit;
  const eucv::enrich::item_feed feed = [&](eucv::enrich::item_channel& items) {
    if (options.query.empty()) return eucv::enrich::named_items(names, service, items);
    return eucv::enrich::search_items(service(), eucv::enrich::picture_query(options.query, limits), limits, items);
  };
  eucv::net::run(eucv::enrich::classify_stream(web, model, feed, std::move(sink), std::move(wanted), numbers));
}

} // namespace program
