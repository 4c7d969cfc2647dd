#pragma once

#include "program/arguments.hpp"
#include "program/audit.hpp"
#include "program/classify.hpp"
#include "program/dataset.hpp"
#include "program/demo.hpp"
#include "program/download.hpp"
#include "program/evaluate.hpp"
#include "program/explain.hpp"
#include "program/export.hpp"
#include "program/harvest.hpp"
#include "program/learning_curve.hpp"
#include "program/status.hpp"
#include "program/train.hpp"
#include "program/verify.hpp"
#include "program/vocabulary.hpp"

#include <eucv/core/error.hpp>
#include <eucv/core/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace program {

namespace detail {

inline constexpr const char* epilogue =
    "Results go to stdout, progress and messages to stderr. NO_COLOR is honoured. EUROPEANA_API_KEY holds the API "
    "key.\n"
    "Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but some items failed; 130 interrupted.\n"
    "Whatever was interrupted goes on with the same command.";

/// Reads a command line; returns what it asks for, or a function that explains why not.
inline action parse(std::vector<std::string> arguments) {
  CLI::App app("Harvest, train and classify images of cultural heritage.", "eucv");
  action chosen;
  app.set_version_flag("--version", "eucv " EUCV_VERSION);
  app.require_subcommand(1);
  app.footer(epilogue);
  add_command(app, chosen, {"harvest", "Search Europeana by concept and write a table of images"}, describe_harvest,
              harvest);
  add_command(app, chosen, {"vocabulary", "Print the built-in vocabulary, or make one from concept URIs"},
              describe_vocabulary, vocabulary);
  add_dataset(app, chosen);
  add_command(app, chosen, {"download", "Fetch the images of a table"}, describe_download, download);
  add_command(app, chosen, {"verify", "Hold every stored image against its recorded hash"}, describe_verify, verify);
  add_command(app, chosen, {"train", "Train a network on a folder of images"}, describe_train, train);
  add_command(app, chosen, {"evaluate", "Judge a model on labelled images"}, describe_evaluate, evaluate);
  add_command(app, chosen, {"audit", "List images whose label is likely wrong"}, describe_audit, audit);
  add_command(app, chosen, {"learning-curve", "Measure whether more images would help"}, describe_learning_curve,
              learning_curve);
  add_command(app, chosen, {"classify", "Say what images show"}, describe_classify, classify);
  add_command(app, chosen, {"explain", "Show where in an image the network found what it names"}, describe_explain,
              explain);
  add_command(app, chosen, {"export", "Write a model's network for other programs"}, describe_export, export_model);
  add_command(app, chosen, {"demo", "The whole road, with no key and no network"}, describe_demo, demo);
  try {
    arguments = prepared_arguments(std::move(arguments));
    std::ranges::reverse(arguments); // as CLI11 wants them
    app.parse(std::vector(arguments));
  } catch (const CLI::Success& asked_for_help) {
    app.exit(asked_for_help);
    return [] { return status::done; };
  } catch (const CLI::ParseError& refused) {
    std::string command = "eucv";
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
      at = at->get_subcommands().front();
      command += " " + at->get_name();
    }
    // CLI11 says only that a command is missing where there is a word that is none.
    const bool unknown = app.get_subcommands().empty() && !arguments.empty() && !arguments.back().starts_with('-');
    const std::string why = unknown ? arguments.back() + ": there is no such command" : std::string(refused.what());
    const std::string line = why + "; see " + command + " --help";
    return [line] { return fail(line, status::usage); };
  }
  return chosen;
}

} // namespace detail

/// Runs one command line, without the name of the program in front. Never throws.
inline status run_command(std::vector<std::string> arguments) {
  try {
    const status end = detail::parse(std::move(arguments))();
    if (!std::cout.flush()) return fail("write, standard output: it takes no more; free some space or mend the pipe");
    return end;
  } catch (const eucv::error& failure) {
    return fail(failure);
  } catch (const std::bad_alloc&) {
    return fail("allocate memory: none is left; use a smaller --batch, --size or --jobs");
  } catch (const std::exception& failure) {
    return fail(std::string("run: ") + failure.what() + "; please report this as a defect of eucv");
  }
}

} // namespace program
