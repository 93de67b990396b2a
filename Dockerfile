# For the Astro CLI and Astro: `astro dev start` and `astro deploy` build this image, which installs packages.txt and
# requirements.txt by itself. The image brings Airflow 3.3; requirements.txt pins the same version.
FROM astrocrpublic.azurecr.io/runtime:3.3-2

# Puts the project's code on the path of every process and registers its connection types.
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
