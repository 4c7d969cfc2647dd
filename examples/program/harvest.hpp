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
  std::string vocabulary, out, endpoint, query, reusability = "open", mode = "single-label";
  std::size_t per_class = 1000;
  std::uint64_t max_requests = 0;
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
      .add_option("--mode", options.mode,
                  "An item of several subjects: single-label keeps it at the first, multi-label with all its labels")
      ->check(CLI::IsMember({"single-label", "multi-label"}))
      ->capture_default_str();
  command
      .add_option("--max-requests", options.max_requests,
                  "Stop after so many requests, with status 3; the same command goes on. 0: no limit")
      ->check(at_least(0))
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
  aligned_table licences({"subject", "rights statement", ">images"});
  std::uint64_t rows = 0;
  bool has_licences = false;
  for (const auto& subject : found) {
    std::vector<std::string> cells{subject.label};
    for (const auto word : {eucv::europeana::reusability::open, eucv::europeana::reusability::restricted,
                            eucv::europeana::reusability::permission})
      cells.push_back(plan.reuse.contains(word) ? std::to_string(subject.totals[static_cast<std::size_t>(word)]) : "-");
    const std::uint64_t coming = std::min<std::uint64_t>(subject.total, plan.per_class);
    rows += coming;
    cells.push_back(std::to_string(coming));
    table.add(std::move(cells));
    for (const auto& [statement, count] : subject.statements) {
      has_licences = true;
      licences.add({subject.label, statement, std::to_string(count)});
    }
  }
  std::cout << table;
  if (has_licences) std::cout << '\n' << licences << '\n';
  std::cout << "at most " << counted(rows, "row") << ", in some "
            << counted(eucv::europeana::requests_of(found, plan), "request") << "; this dry run took "
            << counted(api.requests(), "request") << '\n';
  return status::done;
}

inline status print_report(const eucv::europeana::harvest_report& report, const eucv::europeana::harvest_plan& plan) {
  const bool multi = plan.mode == eucv::europeana::harvest_mode::multi_label;
  std::vector<std::string> header{"subject", ">rows"};
  if (multi) header.emplace_back(">several labels");
  header.insert(header.end(), {">matching", ">duplicates", ">no image", ">other rights", ">malformed"});
  aligned_table table(std::move(header));
  for (const auto& subject : report.subjects) {
    std::vector<std::string> cells{subject.label, std::to_string(subject.rows)};
    if (multi) cells.push_back(std::to_string(subject.several));
    for (const auto number : {subject.state.total, subject.duplicates, subject.state.without_image,
                              subject.state.refused_rights, subject.state.malformed})
      cells.push_back(std::to_string(number));
    table.add(std::move(cells));
  }
  std::cout << table;
  if (!report.complete) {
    std::cout << counted(report.rows(), "row") << " so far, by " << counted(report.requests, "request")
              << "; the table is written at the end\n";
    return fail("harvest, " + plan.table.string() + ": the requests allowed by --max-requests are spent, and some " +
                    std::to_string(report.requests_left) + " are left; run the same command again to go on",
                status::incomplete);
  }
  std::cout << counted(report.rows(), "row") << " in " << plan.table.string();
  if (report.requests == 0)
    std::cout << "; nothing was left to do\n";
  else
    std::cout << ", by " << counted(report.requests, "request") << '\n';
  return status::done;
}

/// Waits with a word on the display: on a terminal the time left, second by second, in the line of the progress.
inline eucv::net::task<void> wait_visibly(progress_display& display, std::chrono::milliseconds left, std::string why) {
  using std::chrono::seconds;
  const auto text = [&] {
    return "waiting " + clock_text(static_cast<double>(left.count()) / 1000) + " (" + why + ")";
  };
  if (display.how() != progress_display::style::bar) {
    display.waiting(text());
    co_return co_await eucv::net::wait(left);
  }
  while (left.count() > 0) {
    display.waiting(text());
    const auto step = std::min<std::chrono::milliseconds>(left, seconds(1));
    left -= step;
    co_await eucv::net::wait(step);
  }
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
  if (options.mode == "multi-label") plan.mode = eucv::europeana::harvest_mode::multi_label;

  eucv::net::client_options connection;
  if (!options.endpoint.empty()) connection.addresses = eucv::net::address_rule::any;
  eucv::net::client transport(connection);
  eucv::europeana::client_options limits;
  limits.max_requests = options.max_requests;
  detail::search_client api(transport, eucv::europeana::api_key_from_environment(), limits);
  if (!options.endpoint.empty()) api.at(eucv::europeana::search_endpoint(options.endpoint));

  progress_display display(options.progress());
  eucv::europeana::time_source time;
  time.wait = [&display](std::chrono::milliseconds pause, const eucv::error& why) {
    return detail::wait_visibly(display, pause, why.text().why);
  };
  api.with_time(std::move(time));
  if (options.dry_run) return detail::print_estimate(api, plan);
  const auto report = eucv::net::run(eucv::europeana::harvest(api, plan, display.sink()));
  display.clear();
  return detail::print_report(report, plan);
}

} // namespace program
