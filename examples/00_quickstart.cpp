#define EUCV_IMPLEMENTATION
#include <eucv/eucv.hpp>

#include <iostream>

// EUROPEANA_API_KEY=... quickstart [ENDPOINT], in an empty folder: from a search to a classified picture.
int main(int count, char** arguments) try {
  eucv::net::client_options network;
  if (count > 1) network.addresses = eucv::net::address_rule::any; // a service of your own, on this machine
  eucv::net::client web(network);
  eucv::europeana::client search(web, eucv::europeana::api_key_from_environment());
  if (count > 1) search.at(eucv::europeana::search_endpoint(arguments[1]));

  eucv::europeana::harvest_plan plan;
  plan.subjects = {{"map", "http://data.europeana.eu/concept/43", ""},
                   {"building", "http://data.europeana.eu/concept/29", ""}};
  plan.table = "dataset.csv";
  plan.per_class = 200;
  eucv::net::run(eucv::europeana::harvest(search, plan));

  eucv::download::fetch_job job{eucv::dataset::read_table(plan.table), "images", {}};
  eucv::net::run(eucv::download::fetch(web, job));

  auto done = eucv::classify::train_classifier("images", "model", {.size = 64, .epochs = 15});
  std::cout << "accuracy " << done.figures.accuracy << " on " << done.figures.n << " pictures\n";
  for (const auto& file : eucv::dataset::read_image_folder("images").files)
    for (const auto& guess : done.model.predict(eucv::image::decode(eucv::read_file(file.file)).value(), 1))
      std::cout << file.file << ": " << guess.label << ' ' << guess.probability << '\n';
} catch (const eucv::error& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
