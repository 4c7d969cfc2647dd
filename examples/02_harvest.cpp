// Harvest a table of images for a vocabulary of your own, and look at what came.
//
//     EUROPEANA_API_KEY=... 02_harvest TABLE.csv [ENDPOINT]
//
// Stop it at any time, by Ctrl-C or kill -9, and run it again: it goes on, and the table ends in the same bytes.
#include <eucv/dataset/table.hpp>
#include <eucv/europeana/client.hpp>
#include <eucv/europeana/harvest.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <iostream>
#include <map>
#include <string>

int main(int count, char** arguments) {
  namespace europeana = eucv::europeana;
  if (count < 2) {
    std::cerr << "usage: 02_harvest TABLE.csv [ENDPOINT]\n";
    return 2;
  }
  try {
    eucv::net::client_options options;
    if (count > 2) options.addresses = eucv::net::address_rule::any;
    eucv::net::client transport(options);
    europeana::client api(transport, europeana::api_key_from_environment());
    if (count > 2) api.at(europeana::search_endpoint(arguments[2]));

    // A subject is a label and a concept of Europeana. The 2021 pilot's twenty are in dataset::pilot_vocabulary().
    europeana::harvest_plan plan;
    plan.subjects = {{.label = "map", .uri = "http://data.europeana.eu/concept/43", .aat = ""},
                     {.label = "building", .uri = "http://data.europeana.eu/concept/29", .aat = ""}};
    plan.table = arguments[1];
    plan.per_class = 30;
    plan.reuse = {europeana::reusability::open}; // asked for, and checked at each item

    const auto report = eucv::net::run(europeana::harvest(
        api, plan, [](const eucv::progress& step) { std::cerr << step.done << '/' << step.total << '\r'; }));
    for (const auto& subject : report.subjects)
      std::cout << subject.label << ": " << subject.rows << " of " << subject.state.total << " images, "
                << subject.state.refused_rights << " refused for their rights\n";

    // The table is plain CSV: columns by name, cells as text.
    const eucv::dataset::table table = eucv::dataset::read_table(plan.table);
    std::map<std::string, int> holders;
    for (const auto& row : table.rows) ++holders[row[table.column("data_provider")]];
    for (const auto& [name, images] : holders) std::cout << images << " from " << name << '\n';
    return report.rows() > 0 ? 0 : 1;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}
