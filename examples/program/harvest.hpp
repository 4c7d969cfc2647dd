#pragma once

#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/estimate.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace program {

struct harvest_options : common_options {
  std::string vocabulary, out, endpoint, query, reusability = "open";
  std::size_t per_class = 1000;
  bool dry_run = false;
};

inline void describe_harvest(CLI::App& command, harvest_options& options) {
  command
      .add_option("--vocabulary", options.vocabulary,
                  "JSON file {label: concept URI}, or \"pilot\" for the 20 built-in subjects")
      ->required();
  command.add_option("--out", options.out, "The table to write (CSV)");
  command.add_option("--per-class", options.per_class, "Rows a subject, at most")
      ->check(at_least(1))
      ->capture_default_str();
  command.add_option("--reusability", options.reusability, "Rights: open, restricted, permission, with commas between")
      ->check(checked_by([](const std::string& text) { (void)eucv::europeana::parse_reusability(text); }))
      ->capture_default_str();
  command
      .add_option("--endpoint", options.endpoint,
                  "Address of search.json, or an origin alone; one that you name may be private")
      ->check(checked_by([](const std::string& text) { (void)eucv::europeana::search_endpoint(text); }));
  command.add_option("--query", options.query, "A Lucene expression that every item must match besides");
  command.add_flag("--dry-run", options.dry_run, "Print counts by subject and licence, fetch and write nothing");
}

namespace detail {

using search_client = eucv::europeana::client<eucv::net::client>;

inline status print_estimate(search_client& api, const eucv::europeana::harvest_plan& plan) {
  const auto found = eucv::net::run(eucv::europeana::estimate(api, plan));
  aligned_table table({"subject", ">open", ">restricted", ">permission", ">rows to come"});
  std::uint64_t rows = 0;
  for (const auto& subject : found) {
    std::uint64_t total = 0;
    std::vector<std::string> cells{subject.label};
    for (const auto word : {eucv::europeana::reusability::open, eucv::europeana::reusability::restricted,
                            eucv::europeana::reusability::permission}) {
      total += subject.totals[static_cast<std::size_t>(word)];
      cells.push_back(plan.reuse.contains(word) ? std::to_string(subject.totals[static_cast<std::size_t>(word)]) : "-");
    }
    const std::uint64_t coming = std::min<std::uint64_t>(total, plan.per_class);
    rows += coming;
    cells.push_back(std::to_string(coming));
    table.add(std::move(cells));
  }
  std::cout << table << "at most " << counted(rows, "row") << ", in some "
            << counted(rows / 100 + found.size(), "request") << '\n';
  return status::done;
}

inline void print_report(const eucv::europeana::harvest_report& report, const std::string& table_path) {
  aligned_table table({"subject", ">rows", ">matching", ">duplicates", ">no image", ">other rights", ">malformed"});
  for (const auto& subject : report.subjects)
    table.add({subject.label, std::to_string(subject.rows), std::to_string(subject.state.total),
               std::to_string(subject.duplicates), std::to_string(subject.state.without_image),
               std::to_string(subject.state.refused_rights), std::to_string(subject.state.malformed)});
  std::cout << table << counted(report.rows(), "row") << " in " << table_path;
  if (report.requests == 0)
    std::cout << "; nothing was left to do\n";
  else
    std::cout << ", by " << counted(report.requests, "request") << '\n';
}

} // namespace detail

/// `eucv harvest`: searches by concept and writes the table; run again to resume.
inline status harvest(const harvest_options& options) {
  if (options.out.empty() && !options.dry_run)
    return fail("harvest: --out is missing; name the table to write, or ask for --dry-run", status::usage);
  eucv::europeana::harvest_plan plan;
  plan.subjects = options.vocabulary == "pilot" ? eucv::dataset::pilot_vocabulary()
                                                : eucv::dataset::read_vocabulary(options.vocabulary);
  plan.table = options.out;
  plan.text = options.query;
  plan.per_class = options.per_class;
  plan.reuse = eucv::europeana::parse_reusability(options.reusability);
  plan.seed = options.seed;

  eucv::net::client_options connection;
  if (!options.endpoint.empty()) connection.addresses = eucv::net::address_rule::any;
  eucv::net::client transport(connection);
  detail::search_client api(transport, eucv::europeana::api_key_from_environment());
  if (!options.endpoint.empty()) api.at(eucv::europeana::search_endpoint(options.endpoint));

  progress_display display(options.progress());
  eucv::europeana::time_source time;
  time.wait = [&](std::chrono::milliseconds pause, const eucv::error& why) {
    display.clear();
    if (!options.quiet)
      std::cerr << "waiting " << clock_text(static_cast<double>(pause.count()) / 1000) << " (" << why.what() << ")"
                << std::endl;
    return eucv::net::wait(pause);
  };
  api.with_time(std::move(time));
  if (options.dry_run) return detail::print_estimate(api, plan);
  const auto report = eucv::net::run(eucv::europeana::harvest(api, plan, display.sink()));
  display.clear();
  detail::print_report(report, options.out);
  return status::done;
}

} // namespace program
