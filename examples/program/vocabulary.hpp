#pragma once

#include "program/options.hpp"
#include "program/table_text.hpp"

#include <eucv/core/error.hpp>
#include <eucv/dataset/vocabulary.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/entity.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace program {

struct vocabulary_options : common_options {
  std::vector<std::string> uris, languages{"en"};
  std::string out, endpoint;
};

inline void describe_vocabulary(CLI::App& command, vocabulary_options& options) {
  command.add_option("uris", options.uris, "Concept URIs of Europeana or Getty AAT; none: the 20 built-in subjects")
      ->type_name("URI...");
  command.add_option("--out", options.out, "The vocabulary to write (JSON) instead of printing it");
  command
      .add_option("--language", options.languages,
                  "Language of the labels, such as de; several: the first that has one")
      ->delimiter(',')
      ->capture_default_str();
  command.add_option("--endpoint", options.endpoint, "Origin of another service; one that you name may be private")
      ->check(checked_by([](const std::string& text) { (void)eucv::europeana::search_endpoint(text); }));
}

namespace detail {

using entity_client = eucv::europeana::client<eucv::net::client>;

inline eucv::net::task<eucv::dataset::vocabulary> ask_for_subjects(entity_client& api,
                                                                   const vocabulary_options& options) {
  eucv::dataset::vocabulary subjects;
  for (const auto& uri : options.uris) {
    const eucv::europeana::entity found = co_await eucv::europeana::find_entity(api, uri);
    eucv::dataset::subject made = eucv::europeana::subject_of(found, uri, options.languages);
    for (const auto& other : subjects)
      if (other.label == made.label)
        throw eucv::error(eucv::errc::invalid_argument,
                          {"make a vocabulary", made.uri, "its label \"" + made.label + "\" is that of " + other.uri,
                           "leave one of them out, or choose another --language"});
    subjects.push_back(std::move(made));
  }
  co_return std::move(subjects);
}

} // namespace detail

/// `eucv vocabulary`: the built-in vocabulary, or one made from concept URIs through the Entity API.
inline status vocabulary(const vocabulary_options& options) {
  eucv::dataset::vocabulary subjects = eucv::dataset::pilot_vocabulary();
  if (!options.uris.empty()) {
    eucv::net::client_options connection;
    if (!options.endpoint.empty()) connection.addresses = eucv::net::address_rule::any;
    eucv::net::client transport(connection);
    detail::entity_client api(transport, eucv::europeana::api_key_from_environment());
    if (!options.endpoint.empty()) api.at(eucv::europeana::search_endpoint(options.endpoint));
    subjects = eucv::net::run(detail::ask_for_subjects(api, options));
  }
  if (options.out.empty()) {
    std::cout << eucv::dataset::to_json(subjects);
    return status::done;
  }
  eucv::dataset::write_vocabulary(options.out, subjects);
  aligned_table table({"label", "concept", "equal term of Getty AAT"});
  for (const auto& subject : subjects) table.add({subject.label, subject.uri, subject.aat});
  std::cout << table << counted(subjects.size(), "subject") << " in " << options.out << '\n';
  return status::done;
}

} // namespace program
