#pragma once

#include "program/fit_options.hpp"
#include "program/metrics_text.hpp"
#include "program/table_text.hpp"

#include <eucv/classify/learning_curve.hpp>
#include <eucv/core/file.hpp>
#include <eucv/core/json_text.hpp>
#include <eucv/train/learning_curve.hpp>
#include <eucv/train/spread.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace program {

struct learning_curve_options : fit_options {
  std::string out;
  eucv::classify::learning_curve_options curve;
};

inline void describe_learning_curve(CLI::App& command, learning_curve_options& options) {
  describe_fit(command, options);
  command.add_option("--points", options.curve.points, "Sizes: all images, a half, a quarter ...")
      ->check(CLI::Range(3, 12))
      ->capture_default_str();
  command.add_option("--repeats", options.curve.repeats, "Trainings at each size, each with a seed of its own")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command.add_option("--test", options.curve.test, "Part of each class that trainings are judged on")
      ->check(CLI::Range(0.01, 0.9))
      ->capture_default_str();
  command.add_option("--out", options.out, "Folder for the figures and the models")->type_name("DIR")->required();
}

namespace detail {

inline std::string to_json(const eucv::train::learning_curve_fit& fit) {
  const auto range = [](const char* name, const eucv::train::interval& of) {
    return "\"" + std::string(name) + "\": [" + eucv::json_number(of.value) + ", " + eucv::json_number(of.low) + ", " +
           eucv::json_number(of.high) + "]";
  };
  return "{\"floor\": " + eucv::json_number(fit.law.floor) +
         ", \"reducible\": " + eucv::json_number(fit.law.reducible) +
         ", \"reference\": " + eucv::json_number(fit.law.reference) + ", " + range("exponent", fit.exponent) + ", " +
         range("error_now", fit.now) + ", " + range("error_with_twice_as_many", fit.doubled) + ", " +
         range("gain", fit.gain) + "}";
}

inline std::string around(const eucv::train::interval& of, double scale, int digits) {
  std::string text = fixed(scale * of.value, digits);
  if (!std::isnan(of.low)) text += " (" + fixed(scale * of.low, digits) + " to " + fixed(scale * of.high, digits) + ")";
  return text;
}

inline void print_sizes(std::ostream& out, const std::vector<eucv::classify::learning_run>& runs) {
  std::map<double, std::vector<const eucv::classify::learning_run*>> by_part;
  for (const auto& run : runs) by_part[run.part].push_back(&run);
  aligned_table table({">pictures", ">accuracy", ">deviation", ">macro F1", ">deviation"});
  for (const auto& [part, some] : by_part) {
    std::vector<double> n, accuracy, f1;
    for (const auto* run : some) {
      n.push_back(static_cast<double>(run->n));
      accuracy.push_back(run->figures.accuracy);
      f1.push_back(run->figures.macro_f1);
    }
    const auto a = eucv::train::spread_of(accuracy), f = eucv::train::spread_of(f1);
    table.add({fixed(eucv::train::spread_of(n).mean, 0), fixed(a.mean),
               std::isnan(a.deviation) ? "" : fixed(a.deviation), fixed(f.mean),
               std::isnan(f.deviation) ? "" : fixed(f.deviation)});
  }
  out << table;
}

inline void print_needs(std::ostream& out, const std::vector<eucv::classify::category_need>& needs,
                        const std::vector<std::string>& labels) {
  std::vector<std::size_t> order(needs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return needs[a].gain > needs[b].gain; });
  aligned_table table({"class", ">F1 now", ">gained by the last doubling", ">give or take", "lacks pictures"});
  for (const std::size_t i : order)
    table.add({labels[i], fixed(needs[i].f1), fixed(needs[i].gain),
               std::isnan(needs[i].uncertainty) ? "" : fixed(needs[i].uncertainty),
               needs[i].lacks_pictures() ? "yes" : ""});
  out << '\n' << table;
}

} // namespace detail

/// `eucv learning-curve`: whether more pictures would help; run again to resume.
inline status learning_curve(const learning_curve_options& options) {
  progress_display display(options.progress());
  const interrupt signals;
  auto curve = options.curve;
  curve.training = detail::how_to_fit(options, display, signals);
  const std::filesystem::path folder(options.out);
  const auto runs = eucv::classify::learning_curve(detail::read_pictures(options), folder, curve);
  display.clear();
  const auto fit_of = [&](double eucv::train::metrics::*figure) {
    return eucv::train::fit_learning_curve(eucv::classify::errors_of(runs, figure),
                                           {.replicates = 500, .seed = options.seed});
  };
  const auto accuracy = fit_of(&eucv::train::metrics::accuracy), f1 = fit_of(&eucv::train::metrics::macro_f1);
  eucv::write_file_atomically(folder / "learning_curve.csv", eucv::classify::to_csv(runs));
  eucv::write_file_atomically(folder / "learning_curve.json", "{\n  \"accuracy\": " + detail::to_json(accuracy) +
                                                                  ",\n  \"macro_f1\": " + detail::to_json(f1) +
                                                                  "\n}\n");
  detail::print_sizes(std::cout, runs);
  std::cout << '\n';
  for (const auto& [name, fit] : {std::pair("accuracy", &accuracy), std::pair("macro F1", &f1)})
    std::cout << name << ": 1 - " << name << " = " << fixed(fit->law.floor) << " + " << fixed(fit->law.reducible)
              << " (pictures / " << fixed(fit->law.reference, 0) << ")^-" << detail::around(fit->exponent, 1, 2)
              << "; twice as many pictures would add " << detail::around(fit->gain, 100, 1) << " points\n";
  detail::print_needs(std::cout, eucv::classify::needs_of(runs), runs.front().figures.labels);
  std::cout << "figures in " << options.out << '\n';
  return status::done;
}

} // namespace program
